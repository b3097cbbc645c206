"""Exceptions: raised in a call by every third item, taken in the loop around it."""


def main(n):
    good = 0
    bad = 0
    for i in range(n):
        try:
            good += checked(i)
        except ValueError:
            bad += 1
        except KeyError as error:
            bad += error.args[0]
    return good, bad


def checked(i):
    if i % 3 == 0:
        raise ValueError("three")
    if i % 7 == 0:
        raise KeyError(2)
    return i
