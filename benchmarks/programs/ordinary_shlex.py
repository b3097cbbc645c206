"""Command lines split with shlex, expanded with variables and patterns, and run in a make-believe shell."""

from __future__ import annotations

import fnmatch
import re
import shlex

GROUP = "ordinary"
ARGS = (70_000,)

FILES = [f"{stem}{i}.{ending}" for stem in ("report", "photo") for i in range(12) for ending in ("txt", "csv", "bak")]
VARIABLE = re.compile(r"\$(\w+)")


class Failure(Exception):
    pass


class Shell:
    def __init__(self):
        self.variables = {"HOME": "/home/ann", "EDITOR": "ed"}
        self.output = []
        self.commands = {"echo": self.echo, "set": self.assign, "count": self.count, "ls": self.list}

    def expand(self, word):
        word = VARIABLE.sub(lambda match: self.variables.get(match[1], ""), word)
        if "*" in word or "?" in word or "[" in word:
            found = fnmatch.filter(FILES, word)
            return found or [word]
        return [word]

    def run(self, line):
        words = shlex.split(line, comments=True)
        if not words:
            return
        arguments = [part for word in words[1:] for part in self.expand(word)]
        try:
            command = self.commands[words[0]]
        except KeyError:
            raise Failure(f"{words[0]}: command not found") from None
        command(arguments)

    def echo(self, words):
        self.output.append(" ".join(words))

    def assign(self, words):
        for word in words:
            name, found, value = word.partition("=")
            if not found:
                raise Failure(f"set: {name}: no value")
            self.variables[name] = value

    def count(self, words):
        self.output.append(str(len(words)))

    def list(self, words):
        self.output.append(", ".join(shlex.quote(word) for word in sorted(words)))


def lines(count):
    for i in range(count):
        yield (
            f'echo "hello $NAME" and \'no $NAME\' {i}',
            f"set NAME=friend{i} 'PLACE=far  away'  # until the next one",
            f"ls report{i % 10}*.txt photo[0-{i % 9}].csv",
            f"count *.bak {i}?.txt",
            "open the door",
            r"echo a\ b\\c $PLACE",
            "set nothing",
        )[i % 7]


def run(count):
    shell = Shell()
    failures = {}
    for line in lines(count):
        try:
            shell.run(line)
        except Failure as failure:
            failures[str(failure)] = failures.get(str(failure), 0) + 1
    return shell.output[-5:], len(shell.output), sum(map(len, shell.output)), sorted(failures.items())
