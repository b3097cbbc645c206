"""A service that logs through handlers, filters and formatters of its own into memory."""

from __future__ import annotations

import io
import logging

GROUP = "ordinary"
ARGS = (150_000,)


class Counter(logging.Handler):
    def __init__(self):
        super().__init__(logging.INFO)
        self.counts = {}

    def emit(self, record):
        key = record.name, record.levelname
        self.counts[key] = self.counts.get(key, 0) + 1


class Repeats(logging.Filter):
    """Lets a message through that differs from the last one."""

    def __init__(self):
        super().__init__()
        self.last = None
        self.dropped = 0

    def filter(self, record):
        current = record.name, record.msg, record.args
        if current == self.last:
            self.dropped += 1
            return False
        self.last = current
        return True


class Short(logging.Formatter):
    def format(self, record):
        text = f"{record.levelname[0]} {record.name}: {record.getMessage()}"
        if record.exc_info:
            text += f" [{record.exc_info[0].__name__}: {record.exc_info[1]}]"
        return text


class Service:
    def __init__(self, name, parent):
        self.log = parent.getChild(name)
        self.level = 100

    def handle(self, request):
        self.log.debug("request %r", request)
        try:
            self.level -= int(request) % 13
            if self.level < 0:
                self.log.warning("level is %d", self.level)
                self.level += 150
            else:
                self.log.info("took %s, %d left", request, self.level)
        except ValueError:
            self.log.exception("cannot take it")


def run(count):
    stream = io.StringIO()
    logger = logging.Logger("shop", logging.DEBUG)
    logger.manager = logging.Manager(logger)
    logger.propagate = False
    writer = logging.StreamHandler(stream)
    writer.setFormatter(Short())
    repeats = Repeats()
    writer.addFilter(repeats)
    counter = Counter()
    logger.addHandler(writer)
    logger.addHandler(counter)
    services = [Service(name, logger) for name in ("till", "stock", "till.card")]
    services[1].log.setLevel(logging.WARNING)
    for number in range(count):
        request = "many" if number % 50 == 0 else str(number // 2)
        services[number % 3].handle(request)
    text = stream.getvalue()
    levels = {}
    for line in text.splitlines():
        levels[line[0]] = levels.get(line[0], 0) + 1
    return len(text), text[-200:], sorted(levels.items()), sorted(counter.counts.items()), repeats.dropped
