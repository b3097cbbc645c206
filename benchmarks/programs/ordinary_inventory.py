"""A warehouse with dataclasses, enumerations and named tuples: orders, deliveries, shortages and reports."""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

GROUP = "ordinary"
ARGS = (250_000,)


class Category(enum.Enum):
    TOOL = "tool"
    FOOD = "food"
    BOOK = "book"

    @property
    def tax(self):
        return {Category.TOOL: 20, Category.FOOD: 5, Category.BOOK: 7}[self]


class Priority(enum.IntEnum):
    LOW = 1
    NORMAL = 2
    URGENT = 3


class Line(NamedTuple):
    code: str
    pieces: int


@dataclass(frozen=True, order=True)
class Product:
    code: str
    name: str = field(compare=False)
    category: Category = field(compare=False)
    cents: int = field(compare=False)

    @property
    def gross(self):
        return self.cents * (100 + self.category.tax) // 100


@dataclass
class Order:
    number: int
    customer: str
    lines: list[Line] = field(default_factory=list)
    priority: Priority = Priority.NORMAL
    open: bool = True

    def __post_init__(self):
        if not self.lines:
            raise ValueError(f"order {self.number} is empty")


@dataclass
class Stock:
    product: Product
    pieces: int = 0
    reserved: int = 0

    @property
    def free(self):
        return self.pieces - self.reserved


class Shortage(Exception):
    def __init__(self, code, missing):
        super().__init__(f"{missing} of {code}")
        self.code = code
        self.missing = missing


class Warehouse:
    def __init__(self, products):
        self.stock = {product.code: Stock(product, 40) for product in products}
        self.turnover = defaultdict(int)
        self.shortages = defaultdict(int)
        self.delayed = []

    def accept(self, order):
        for line in order.lines:
            free = self.stock[line.code].free
            if free < line.pieces:
                raise Shortage(line.code, line.pieces - free)
        for line in order.lines:
            self.stock[line.code].reserved += line.pieces

    def ship(self, order):
        for code, pieces in order.lines:
            stock = self.stock[code]
            stock.pieces -= pieces
            stock.reserved -= pieces
            self.turnover[stock.product.category] += pieces * stock.product.gross
        return replace(order, open=False)

    def handle(self, orders):
        shipped = []
        for order in sorted(orders, key=lambda order: (-order.priority, order.number)):
            try:
                self.accept(order)
            except Shortage as shortage:
                self.shortages[shortage.code] += shortage.missing
                if order.priority is Priority.URGENT:
                    self.delayed.append(replace(order, priority=Priority.LOW))
            else:
                shipped.append(self.ship(order))
        return shipped

    def deliver(self):
        for stock in self.stock.values():
            if stock.pieces < 25:
                stock.pieces += 60


def make_orders(first, count):
    for number in range(first, first + count):
        lines = [Line(f"P{number * step % 30:02}", number % 5 + 1) for step in range(1, number % 4 + 1)]
        try:
            yield Order(number, f"customer {number % 37}", lines, Priority(number % 3 + 1))
        except ValueError:
            continue


def run(count):
    categories = list(Category)
    products = [Product(f"P{i:02}", f"thing {i}", categories[i % 3], 100 + i * 37) for i in range(30)]
    warehouse = Warehouse(products)
    loyal = defaultdict(set)
    shipped = 0
    last = None
    for first in range(0, count, 100):
        orders = list(make_orders(first, 100)) + warehouse.delayed
        warehouse.delayed = []
        for order in warehouse.handle(orders):
            shipped += 1
            loyal[order.customer].add(order.number)
            last = order
        warehouse.deliver()
    turnover = sorted((category.name, cents) for category, cents in warehouse.turnover.items())
    report = asdict(last)
    report["priority"] = report["priority"].name
    report["lines"] = [tuple(line) for line in report["lines"]]
    best = max(loyal, key=lambda customer: (len(loyal[customer]), customer))
    worst = sorted(warehouse.shortages.items(), key=lambda item: -item[1])[:3]
    return shipped, turnover, report, best, worst, max(products).name, sum(s.free for s in warehouse.stock.values())
