"""Configuration files read with configparser, layered, checked and written again."""

from __future__ import annotations

import configparser
import io

GROUP = "ordinary"
ARGS = (8_400,)

TEXT = """
[DEFAULT]
root = /srv/app{0}
log = %(root)s/log
workers = {1}

[server]
host = host{0}.example.org
port = {2}
ssl = yes
timeout = 2.5

[database]
url = postgres://%(user)s@db{0}/main
user = app{0}
pool = 1{1}
; a comment
echo = off

[feature flags]
new search = on
dark mode = false
limit
"""


class Problem(Exception):
    def __init__(self, section, option, reason):
        super().__init__(f"[{section}] {option}: {reason}")
        self.section = section


def read(texts):
    parser = configparser.ConfigParser(allow_no_value=True)
    for text in texts:
        parser.read_string(text)
    return parser


def check(parser):
    if not 0 < parser.getint("server", "port") < 65536:
        raise Problem("server", "port", "out of range")
    if parser.getint("DEFAULT", "workers") > 8 and not parser.getboolean("server", "ssl"):
        raise Problem("server", "ssl", "needed for many workers")
    for section in parser.sections():
        for option, value in parser.items(section):
            if value is None and option != "limit":
                raise Problem(section, option, "no value")


def flags(parser):
    found = {}
    for option in parser.options("feature flags"):
        try:
            found[option] = parser.getboolean("feature flags", option)
        except (ValueError, AttributeError):
            found[option] = None
    return found


def run(count):
    problems = {}
    switched_on = {}
    length = 0
    text = ""
    for number in range(count):
        local = f"[server]\nport = {number % 250 * 331}\nssl = {('no', 'yes')[number % 3 > 0]}\n"
        parser = read([TEXT.format(number, number % 12, 8000 + number), local])
        try:
            check(parser)
        except Problem as problem:
            problems.setdefault(problem.section, []).append(str(problem))
            continue
        for name, value in flags(parser).items():
            if value:
                switched_on[name] = switched_on.get(name, 0) + 1
        file = io.StringIO()
        parser.write(file)
        text = file.getvalue()
        length += len(text) + len(parser.get("database", "url"))
    return {name: (len(each), each[:2]) for name, each in problems.items()}, switched_on, length, text[:120]
