"""A bakery simulated with events in a heap: customers, bakers, an oven that breaks."""

from __future__ import annotations

import heapq
import random

GROUP = "ordinary"
ARGS = (190_000, 11)


class Event:
    def __init__(self, time, order, action, subject=None):
        self.time = time
        self.order = order
        self.action = action
        self.subject = subject

    def __lt__(self, other):
        return (self.time, self.order) < (other.time, other.order)


class Customer:
    def __init__(self, number, wishes, patience):
        self.number = number
        self.wishes = wishes
        self.patience = patience
        self.arrived = None

    def __repr__(self):
        return f"Customer({self.number})"


class Shelf:
    def __init__(self, kinds, capacity):
        self.stock = {kind: capacity // 2 for kind in kinds}
        self.capacity = capacity

    def take(self, kind, pieces):
        if self.stock[kind] < pieces:
            return False
        self.stock[kind] -= pieces
        return True

    def emptiest(self):
        return min(self.stock, key=lambda kind: (self.stock[kind], kind))

    def fill(self, kind, pieces):
        self.stock[kind] = min(self.capacity, self.stock[kind] + pieces)


class Bakery:
    PRICES = {"bread": 4.5, "roll": 0.5, "cake": 12.0, "pretzel": 1.25}

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.time = 0.0
        self.events = []
        self.orders = 0
        self.shelf = Shelf(self.PRICES, 40)
        self.waiting = []
        self.served = []
        self.lost = 0
        self.income = 0.0
        self.oven_works = True

    def at(self, delay, action, subject=None):
        self.orders += 1
        heapq.heappush(self.events, Event(self.time + delay, self.orders, action, subject))

    def run(self, customers):
        self.at(0.0, self.arrive, 0)
        self.at(1.0, self.bake)
        self.at(500.0, self.break_down)
        while len(self.served) + self.lost < customers:
            event = heapq.heappop(self.events)
            self.time = event.time
            if event.subject is None:
                event.action()
            else:
                event.action(event.subject)

    def arrive(self, number):
        chance = self.chance
        wishes = {}
        for _ in range(chance.randrange(1, 4)):
            kind = chance.choice(sorted(self.PRICES))
            wishes[kind] = wishes.get(kind, 0) + chance.randrange(1, 3)
        customer = Customer(number, wishes, chance.uniform(2.0, 9.0))
        customer.arrived = self.time
        self.waiting.append(customer)
        self.serve()
        self.at(customer.patience, self.give_up, customer)
        self.at(chance.expovariate(0.9), self.arrive, number + 1)

    def serve(self):
        still_waiting = []
        for customer in self.waiting:
            for kind in sorted(customer.wishes):
                if self.shelf.take(kind, customer.wishes[kind]):
                    self.income += self.PRICES[kind] * customer.wishes.pop(kind)
            if customer.wishes:
                still_waiting.append(customer)
            else:
                self.served.append(self.time - customer.arrived)
        self.waiting = still_waiting

    def give_up(self, customer):
        if customer in self.waiting:
            self.waiting.remove(customer)
            self.lost += 1

    def bake(self):
        if self.oven_works:
            self.shelf.fill(self.shelf.emptiest(), 12)
            self.serve()
        self.at(2.5, self.bake)

    def break_down(self):
        self.oven_works = not self.oven_works
        self.at(40.0 if not self.oven_works else 500.0, self.break_down)


def run(customers, seed):
    bakery = Bakery(seed)
    bakery.run(customers)
    return (
        round(bakery.time, 6),
        len(bakery.served),
        bakery.lost,
        round(bakery.income, 2),
        round(sum(bakery.served), 6),
        sorted(bakery.shelf.stock.items()),
    )
