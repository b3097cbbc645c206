"""An access log: addresses taken apart with urllib.parse, cleaned, counted, and visits put together."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

GROUP = "ordinary"
ARGS = (80_000,)

TRACKING = {"utm_source", "utm_medium", "session"}


def setup(count):
    lines = []
    for i in range(count):
        address = (
            f"http://www.example.org:80/shop/item%20{i % 90}?utm_source=mail&b={i % 4}&a=%C3%BC#top",
            f"/about/../team/./{i % 7}?session={i}",
            f"https://Example.org/search?q=red+shoes&q={i % 11}&page={i % 3}",
            f"../images/{quote(f'größe {i % 5}')}.png",
            "mailto:ann@example.org",
        )[i % 5]
        lines.append(f"10.0.0.{i * 7 % 23} {i // 3} {address}")
    return (lines,)


def clean(address, base="https://example.org/shop/index.html"):
    parts = urlsplit(urljoin(base, address))
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"not a page: {parts.scheme}")
    host = parts.hostname.removeprefix("www.")
    if parts.port and parts.port not in (80, 443):
        host += f":{parts.port}"
    pairs = sorted(pair for pair in parse_qsl(parts.query) if pair[0] not in TRACKING)
    return urlunsplit(("https", host, quote(unquote(parts.path)), urlencode(pairs), ""))


class Visit:
    def __init__(self, visitor, start):
        self.visitor = visitor
        self.start = self.end = start
        self.pages = []

    def add(self, moment, page):
        self.end = moment
        self.pages.append(page)

    @property
    def length(self):
        return self.end - self.start


def visits(entries, pause):
    open_visits = {}
    for visitor, moment, page in entries:
        visit = open_visits.get(visitor)
        if visit is not None and moment - visit.end > pause:
            yield open_visits.pop(visitor)
            visit = None
        if visit is None:
            visit = open_visits[visitor] = Visit(visitor, moment)
        visit.add(moment, page)
    yield from open_visits.values()


def entries_of(lines, refused):
    for line in lines:
        visitor, moment, address = line.split(" ", 2)
        try:
            yield visitor, int(moment), clean(address)
        except ValueError as problem:
            refused[str(problem)] = refused.get(str(problem), 0) + 1


def run(lines):
    refused = {}
    found = list(visits(entries_of(lines, refused), 6))
    pages = {}
    for visit in found:
        for page in visit.pages:
            pages[page] = pages.get(page, 0) + 1
    common = sorted(pages.items(), key=lambda item: (-item[1], item[0]))
    longest = max(found, key=lambda visit: (visit.length, visit.visitor))
    return common[:6], len(common), len(found), longest.visitor, longest.length, len(longest.pages), refused
