"""Pages read with html.parser: links, headings and tables collected, text without markup."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

GROUP = "ordinary"
ARGS = (10_000,)

VOID = {"br", "img", "hr"}


def setup(count):
    pages = []
    for i in range(count):
        rows = "".join(f"<tr><td>{i + k}</td><td class=num>{k * 1.5}</td></tr>" for k in range(i % 7 + 2))
        pages.append(
            f"<html><head><title>Page {i} &ndash; {escape('a < b & c')}</title></head><body>"
            f"<h1>Heading {i}</h1><!-- a comment --><p>Some <b>bold</b> text<br>and a "
            f"<a href='/page/{i * 7 % count}?x=1&amp;y=2'>link</a>, then <a href=\"#top\">another</a></p>"
            f"<table>{rows}</table><img src='p{i}.png' alt=picture><p>The end &#x41;&amp;"
        )
    return (pages,)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
        self.links = []
        self.text = []
        self.rows = []
        self.deepest = 0

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))
        if tag == "a":
            for name, value in attributes:
                if name == "href" and not value.startswith("#"):
                    self.links.append(value)
        elif tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        while self.open:
            if self.open.pop() == tag:
                break

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.rows[-1].append(data)
        elif data.strip():
            self.text.append(" ".join(data.split()))


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def reachable(links, start):
    seen = {start}
    todo = [start]
    while todo:
        for link in links.get(todo.pop(), ()):
            if link not in seen:
                seen.add(link)
                todo.append(link)
    return len(seen)


def run(pages):
    links = {}
    total = 0.0
    words = 0
    deepest = 0
    last = []
    for number, page in enumerate(pages):
        reader = read(page)
        links[f"/page/{number}"] = [link.partition("?")[0] for link in reader.links]
        for _, value in reader.rows:
            total += float(value)
        words += sum(len(text.split()) for text in reader.text)
        deepest = max(deepest, deepest, reader.deepest)
        last = reader.text
    return total, words, deepest, last, max(reachable(links, f"/page/{start}") for start in range(0, len(pages), 40))
