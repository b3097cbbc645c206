"""Accounts that pay each other, with fees and refusals."""

from __future__ import annotations

GROUP = "objects"
ARGS = (50, 400_000)


class Refused(Exception):
    pass


class Account:
    fee = 1

    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.moves = 0

    def withdraw(self, amount):
        if amount + self.fee > self.balance:
            raise Refused("not enough")
        self.balance -= amount + self.fee
        self.moves += 1

    def deposit(self, amount):
        self.balance += amount
        self.moves += 1


class Bank:
    def __init__(self, count):
        self.accounts = [Account(i, 1_000_000) for i in range(count)]
        self.refused = 0

    def transfer(self, source, target, amount):
        try:
            self.accounts[source].withdraw(amount)
        except Refused:
            self.refused += 1
            return False
        self.accounts[target].deposit(amount)
        return True


def run(count, transfers):
    bank = Bank(count)
    state = 7
    done = 0
    for _ in range(transfers):
        state = (state * 1103515245 + 12345) % 2147483648
        if bank.transfer(state % count, (state // count) % count, state % 997):
            done += 1
    return done, bank.refused, [a.balance for a in bank.accounts]
