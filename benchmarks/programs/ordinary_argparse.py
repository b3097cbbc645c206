"""A command line of several subcommands, parsed for many command lines and carried out."""

from __future__ import annotations

import argparse

GROUP = "ordinary"
ARGS = (28_000,)


class Quiet(argparse.ArgumentParser):
    def error(self, message):
        raise ValueError(message)


def positive(text):
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def make_parser():
    parser = Quiet(prog="shelf", add_help=False)
    parser.add_argument("-v", "--verbose", action="count", default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", add_help=False)
    add.add_argument("title")
    add.add_argument("--copies", type=positive, default=1)
    add.add_argument("--tag", action="append", default=[])
    lend = commands.add_parser("lend", add_help=False)
    lend.add_argument("title")
    lend.add_argument("to", nargs="?", default="nobody")
    lend.add_argument("--days", type=positive, default=14)
    listing = commands.add_parser("list", add_help=False)
    listing.add_argument("--tag")
    listing.add_argument("--sort", choices=("title", "copies"), default="title")
    return parser


def lines(count):
    for i in range(count):
        title = f"book{i * 7 % 101}"
        yield (
            ["add", title, "--copies", str(i % 3), "--tag", f"t{i % 2}", "--tag=all"],
            ["-vv", "lend", title, f"reader{i % 11}", "--days", "7"],
            ["lend", title],
            ["list", "--tag", "t1", "--sort", "copies"],
            ["list", "--sort", "colour"],
        )[i % 5]


class Shelf:
    def __init__(self):
        self.copies = {}
        self.tags = {}
        self.lent = []

    def add(self, options):
        self.copies[options.title] = self.copies.get(options.title, 0) + options.copies
        for tag in options.tag:
            self.tags.setdefault(tag, set()).add(options.title)

    def lend(self, options):
        if not self.copies.get(options.title):
            raise ValueError(f"no copy of {options.title}")
        self.copies[options.title] -= 1
        self.lent.append((options.title, options.to, options.days * (1 + options.verbose)))

    def list(self, options):
        titles = self.tags.get(options.tag, self.copies)
        return sorted(titles, key=lambda title: (self.copies[title], title) if options.sort == "copies" else title)


def run(count):
    parser = make_parser()
    shelf = Shelf()
    problems = {}
    listed = None
    for words in lines(count):
        try:
            options = parser.parse_args(words)
            listed = getattr(shelf, options.command)(options) or listed
        except ValueError as problem:
            key = str(problem).split()[0]
            problems[key] = problems.get(key, 0) + 1
    return sorted(problems.items()), listed[:5], shelf.lent[-3:], sum(shelf.copies.values()), len(shelf.lent)
