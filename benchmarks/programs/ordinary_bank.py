"""Accounts of a bank, with transfers that fail in several ways and are rolled back."""

from __future__ import annotations

from contextlib import contextmanager

GROUP = "ordinary"
ARGS = (300, 540_000)


class BankError(Exception):
    """Anything that the bank refuses."""


class InsufficientFunds(BankError):
    def __init__(self, account, amount):
        super().__init__(f"{account.owner} has {account.balance}, not {amount}")
        self.missing = amount - account.balance


class AccountLocked(BankError):
    pass


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self._balance = balance
        self.locked = False
        self.history = []

    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if self.locked:
            raise AccountLocked(self.owner)
        self._balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount):
        if self.locked:
            raise AccountLocked(self.owner)
        if amount > self._balance:
            raise InsufficientFunds(self, amount)
        self._balance -= amount
        self.history.append(("withdrawal", amount))


class Savings(Account):
    def __init__(self, owner, balance, percent):
        super().__init__(owner, balance)
        self.percent = percent

    def withdraw(self, amount):
        super().withdraw(amount + 1)  # there is a fee

    def add_interest(self):
        self.deposit(self.balance * self.percent // 100)


class Bank:
    def __init__(self):
        self.accounts = {}
        self.failures = {}

    def open(self, account):
        self.accounts[account.owner] = account

    @contextmanager
    def transaction(self, *accounts):
        before = [(account, account._balance, len(account.history)) for account in accounts]
        try:
            yield
        except BankError as problem:
            for account, balance, length in before:
                account._balance = balance
                del account.history[length:]
            name = type(problem).__name__
            self.failures[name] = self.failures.get(name, 0) + 1

    def transfer(self, source, target, amount):
        one, other = self.accounts[source], self.accounts[target]
        with self.transaction(one, other):
            one.withdraw(amount)
            other.deposit(amount)

    def audit(self):
        return sum(account.balance for account in self.accounts.values())


def run(customers, transfers):
    bank = Bank()
    names = [f"customer {i}" for i in range(customers)]
    for i, name in enumerate(names):
        bank.open(Savings(name, 500 + i, 2) if i % 3 == 0 else Account(name, 400 + i))
    audits = []
    for step in range(transfers):
        amount = step * 7919 % 97 + 1
        bank.transfer(names[step * 31 % customers], names[step * 17 % customers], amount)
        if step % 1000 == 0:
            bank.accounts[names[step // 1000 % customers]].locked = True
            bank.accounts[names[(step // 1000 - 9) % customers]].locked = False
        if step % 10_000 == 0:
            for account in bank.accounts.values():
                if isinstance(account, Savings) and not account.locked:
                    account.add_interest()
            audits.append(bank.audit())
    richest = max(bank.accounts.values(), key=lambda account: (account.balance, account.owner))
    return audits[-3:], sorted(bank.failures.items()), richest.owner, richest.balance, richest.history[-2:]
