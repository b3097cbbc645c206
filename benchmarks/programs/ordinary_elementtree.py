"""A catalogue as an XML tree: read, searched, changed, sorted and written."""

from __future__ import annotations

import xml.etree.ElementTree as ET

GROUP = "ordinary"
ARGS = (27_000,)


def setup(count):
    parts = ["<catalogue>"]
    for i in range(count):
        parts.append(
            f'<book id="b{i}" lang="{("en", "de", "fr")[i % 3]}"><title>Book &amp; tale {i * 37 % count}</title>'
            f"<author><first>A{i % 41}</first><last>Writer{i % 97}</last></author>"
            f'<price currency="EUR">{i % 60 + 0.5}</price>'
        )
        for k in range(i % 4):
            parts.append(f"<tag>topic {(i + k) % 13}</tag>")
        parts.append("</book>")
    parts.append("</catalogue>")
    return ("".join(parts),)


def depth(element):
    return 1 + max((depth(child) for child in element), default=0)


def raise_prices(root, percent):
    for price in root.iter("price"):
        price.text = f"{float(price.text) * (1 + percent / 100):.2f}"
        price.set("changed", "yes")


def by_author(root):
    books = {}
    for book in root.findall("book"):
        last = book.findtext("author/last")
        first = book.findtext("author/first", default="?")
        books.setdefault((last, first), []).append(book.get("id"))
    return books


def outline(element, level=0):
    text = (element.text or "").strip()
    yield "  " * level + element.tag + (f": {text}" if text else "")
    for child in element:
        yield from outline(child, level + 1)


def topics(root):
    counts = {}
    for tag in root.iterfind(".//tag"):
        counts[tag.text] = counts.get(tag.text, 0) + 1
    return counts


def run(text):
    root = ET.fromstring(text)
    raise_prices(root, 5)
    authors = by_author(root)
    counts = topics(root)
    for book in list(root):
        if book.get("lang") == "fr":
            root.remove(book)
    root[:] = sorted(root, key=lambda book: (book.findtext("title"), book.get("id")))
    summary = ET.SubElement(root, "summary")
    for name, count in sorted(counts.items()):
        ET.SubElement(summary, "topic", name=name).text = str(count)
    written = ET.tostring(root, encoding="unicode")
    lines = list(outline(root))
    busiest = max(authors.items(), key=lambda item: (len(item[1]), item[0]))
    return len(written), written[-120:], depth(root), len(lines), lines[1:8], busiest[0], len(busiest[1])
