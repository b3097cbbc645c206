"""Loops that handle exceptions: `try` in all its forms, inside of native code and behind its exits."""

from __future__ import annotations

import collections
import sys
import traceback

from ..cases import case


class Odd(Exception):
    pass


class Special(Odd, ValueError):
    def __init__(self, number=0):
        super().__init__(f"number {number}")
        self.number = number


def raised_and_counted(n, every):
    bad = 0
    total = 0
    for i in range(n):  # native
        try:
            if i % every == every - 1:
                raise ValueError
            total += i * 3 % 7
        except ValueError:
            bad += 1
        else:
            total += 1
        finally:
            total += 2
    return total, bad


class Insufficient(Exception):
    pass


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise Insufficient(f"{self.owner}: {amount}")
        if amount == 13:
            raise KeyError(self.owner)
        self.balance -= amount


def transfers(n):
    """Exceptions hold texts that nobody looks at; those that somebody looks at are CPython's."""
    account, failed, unlucky = Account("me", 1000), 0, 0
    for i in range(n):  # native
        try:
            account.withdraw(i % 100 + 1)
        except Insufficient:
            failed += 1
            account.balance += 500
        except KeyError:
            unlucky += 1
            account.owner = "me" * (unlucky % 3)
    return failed, unlucky, account.balance, account.owner


def told_transfers(n):
    account, told = Account("you", 100), []
    for i in range(n):
        try:
            account.withdraw(i % 40 + 1)
        except (Insufficient, KeyError) as error:
            told.append((type(error).__name__, error.args))
            account.balance += 90
            account.owner = account.owner[1:] + "z"
    return told


def failing_transfer(n):
    account = Account("they", 3 * n)
    for i in range(n):
        account.withdraw(i % 20 + (30 if i == n - 1 else 0) if i % 20 != 13 else 1)
    account.withdraw(10**6)


def narrow(n, most):
    """The text of an exception that is never raised is made by %."""
    total = 0
    for i in range(n):  # native
        if i > most:
            raise ValueError("%d of %d" % (i, most))
        total += i
    return total


case(raised_and_counted, (200, 50), (200, 3), (3, 2), (0, 1), long=(5000, 7))


def divided(xs):
    total = 0.0
    for x in xs:  # native
        try:
            total += 1.0 / x
        except ZeroDivisionError:
            total += 100.0
    return total


case(divided, lambda: ([i % 20 for i in range(200)],), lambda: ([1, 2] * 50 + [0.0] + [0, 1.5] * 9,),
     lambda: ([1, 2] * 50 + ["a"],), long=lambda: ([i % 20 for i in range(5000)],))


def floors_and_remainders(xs, y):
    quotients, rests, failures = 0, 0, []
    for i in range(len(xs)):  # native
        try:
            quotients += y // xs[i]
            rests += y % xs[i]
        except ZeroDivisionError:
            failures.append(i)
    return quotients, rests, failures


case(floors_and_remainders, lambda: ([i % 9 - 4 for i in range(200)], 100),
     lambda: ([i % 9 - 4.0 for i in range(200)], 2**70), lambda: ([i % 9 - 4.0 for i in range(200)], 7.5),
     long=lambda: ([i % 9 - 4 for i in range(3000)], 100))


def beyond_the_end(xs, n):
    total = missing = 0
    for i in range(n):  # native
        try:
            total += xs[i]
        except IndexError:
            missing += 1
    return total, missing


case(beyond_the_end, lambda: ([1] * 100, 50), lambda: ([1] * 60, 200), lambda: ([], 100), lambda: ([2.5] * 30, 60),
     long=lambda: ([1] * 2000, 4000))


def the_right_clause(xs):
    seen = [0, 0, 0, 0]
    for x in xs:  # native
        try:
            if x > 90:
                raise Special
            if x > 80:
                raise KeyError(x)
            seen[3] += 10 // (x - 40)
        except (KeyError, IndexError):
            seen[0] += 1
        except ValueError:
            seen[1] += 1
        except:  # noqa: E722
            seen[2] += 1
    return seen


case(the_right_clause, lambda: (list(range(80)),), lambda: (list(range(100)),), lambda: (list(range(80)) + [None, 85],),
     long=lambda: ([x % 80 for x in range(5000)],))


def named(xs, log):
    for x in xs:
        try:
            log[0] += 10 // x
        except ZeroDivisionError as error:
            log.append((repr(error), error.args, type(error.__context__)))
    return log


case(named, lambda: ([1, 2, 3, 0] * 30, [0]), lambda: ([1] * 60 + [0], [0]))


def a_name_is_gone(xs):
    count = 0
    for x in xs:
        try:
            try:
                count += 10 // x
            except ZeroDivisionError as error:
                count += len(error.args)
            if x == 5:
                print(error)  # noqa: F821
        except UnboundLocalError as other:
            print(other)
    return count


case(a_name_is_gone, lambda: ([1, 2, 3] * 30,), lambda: ([1, 0, 3, 5] * 20,))


def goes_on(xs):
    total = 0
    for x in xs:  # native
        try:
            total += 10 // x
        except TypeError:
            total -= 1
    return total


case(goes_on, lambda: ([1, 2, 3] * 30,), lambda: ([1, 2, 3] * 30 + [0],), long=lambda: ([1, 2, 3] * 1000,))


def raised_again(xs, log):
    total = 0
    for x in xs:  # native
        try:
            total += 10 // x
        except ZeroDivisionError:
            log.append(total)
            raise
    return total


case(raised_again, lambda: ([1, 2, 3] * 30, []), lambda: ([1, 2, 3] * 30 + [0], []),
     long=lambda: ([1, 2, 3] * 1000, []))


def raised_by_name(xs):
    total = 0
    for x in xs:
        try:
            total += 10 // x
        except ZeroDivisionError as error:
            total = 0
            raise error
    return total


case(raised_by_name, lambda: ([1, 2, 3] * 30,), lambda: ([1, 2, 3] * 30 + [0],))


def another_one(xs):
    total = 0
    for x in xs:  # native
        try:
            total += 10 // x
        except ZeroDivisionError:
            total += [5, 6][x + 2]
    return total


case(another_one, lambda: ([1, 2, 3] * 30,), lambda: ([1, 2, 3] * 30 + [0],), long=lambda: ([1, 2, 3] * 1000,))


def another_from_it(xs):
    total = 0
    for x in xs:  # native
        try:
            total += 10 // x
        except ZeroDivisionError as error:
            raise Special(x) from error
    return total


case(another_from_it, lambda: ([1, 2, 3] * 30,), lambda: ([1, 2, 3] * 30 + [0],), long=lambda: ([1, 2, 3] * 1000,))


def one_inside_another(xs, log):
    for x in xs:  # native
        try:
            try:
                log[0] += 10 // x
            except ZeroDivisionError:
                log[0] += log[x + 7]
            finally:
                log[1] += 1
        except IndexError:
            log[2] += 1
    return log


case(one_inside_another, lambda: ([1, 2, 3, 0] * 30, [0, 0, 0]), lambda: ([1, 2] * 30 + ["a"], [0, 0, 0]),
     long=lambda: ([1, 2, 3] * 1000, [0, 0, 0]))


def seen_in_a_handler(xs, log):
    for x in xs:
        try:
            log[0] += 10 // x
        except ZeroDivisionError:
            kind, error, _ = sys.exc_info()
            log.append((kind, str(error), traceback.format_exc().splitlines()[-3:]))
        log[0] += sys.exc_info() == (None, None, None)
    return log


case(seen_in_a_handler, lambda: ([1, 2, 3, 0] * 20, [0]))


def look():
    return type(sys.exc_info()[1])


def seen_by_a_callee(xs, log):
    for x in xs:
        try:
            log[0] += 10 // x
        except ZeroDivisionError:
            log.append(look())
        log[0] += look() is type(None)
    return log


case(seen_by_a_callee, lambda: ([1, 2, 3, 0] * 20, [0]))


def ways_out_of_finally(n, log):
    for i in range(n):  # native
        try:
            if i % 3 == 1:
                continue
            if i == 70:
                break
            if i == 90:
                return "returned"
            log[0] += i
        finally:
            log[1] += 1
    return log[0]


case(ways_out_of_finally, lambda: (60, [0, 0]), lambda: (100, [0, 0]), long=lambda: (3000, [0] * 80))


def returned_through_finally(n, log):
    for i in range(n):  # native
        try:
            for j in range(i):
                try:
                    if i * j == 700:
                        return i + j + log[0]
                    log[0] += 1
                finally:
                    log[1] += j
        finally:
            log[2] += i
    return -1


case(returned_through_finally, lambda: (20, [0, 0, 0]), lambda: (60, [0, 0, 0]), long=lambda: (26, [0] * 90))


def finally_takes_over(n):
    total = 0
    for i in range(n):  # native
        try:
            total += 100 // (i - 50)
        finally:
            if i == 50:
                continue
            total += 1
    return total


case(finally_takes_over, (40,), (80,), long=(5000,))


def finally_returns(n):
    total = 0
    for i in range(n):  # native
        try:
            total += 100 // (i - 50)
        finally:
            if i == 50:
                return "stopped", total
    return total


case(finally_returns, (40,), (80,), long=(40,))


def finally_breaks_after_a_return_of_a_loop_inside(xs, ys):
    out = []
    for x in xs:
        try:
            for y in ys:
                out.append(y)
                if y > 2:
                    return y
        finally:
            out.append(x)
            break
    return out


def finally_goes_on_after_a_return_of_a_loop_inside(xs, ys):
    out = []
    for x in xs:
        try:
            for y in ys:
                for z in ys:
                    if z > 2:
                        return z
                out.append(y)
        finally:
            if len(out) < 500:
                out.append(x)
                continue
    return out


def finally_after_a_return_of_while_inside(xs, ys):
    out, n = [], 0
    while n < len(xs):
        n += 1
        try:
            for y in ys:
                while y > 2:
                    return out
                out.append(y)
        finally:
            try:
                if n % 3:
                    continue
                break
            finally:
                out.append(n)
    return out


for function in (finally_breaks_after_a_return_of_a_loop_inside, finally_goes_on_after_a_return_of_a_loop_inside,
                 finally_after_a_return_of_while_inside):
    case(function, ([1, 2], [1, 2]), ([1, 2] * 40, [1, 2]), ([1, 2] * 40, [1, 2, 3, 4]), ([1] * 70, [3]),
         long=([1, 2] * 400, [1, 2, 3, 4]))


def finally_raises(n, log):
    for i in range(n):  # native
        try:
            log[0] += 100 // (i - 50)
        finally:
            log[1] += 100 // (i - 50)
    return log


case(finally_raises, lambda: (40, [0, 0]), lambda: (80, [0, 0]), long=lambda: (40, [0, 0]))


def checked(x, limit):
    if x > limit:
        raise Odd(x)
    return x * 2


def raised_by_a_callee(n, limit):
    total = failed = 0
    for i in range(n):  # native
        try:
            total += checked(i % 50, limit)
        except Odd:
            failed += 1
    return total, failed


case(raised_by_a_callee, (100, 60), (200, 45), (200, -1), long=(5000, 45))


def handled(x):
    try:
        return 100 // x
    except ZeroDivisionError:
        return -1


def handled_by_a_callee(n):
    total = 0
    for i in range(n):  # native
        total += handled(i % 10 - 5)
    return total


case(handled_by_a_callee, (4,), (200,), long=(5000,))


def around_a_loop(rows):
    total = failed = 0
    for row in rows:
        try:
            for x in row:  # native
                total += 100 // x
        except ZeroDivisionError:
            failed += 1
    return total, failed


case(around_a_loop, lambda: ([[1, 2, 3] * 20, [4, 5, 0, 7], [1] * 70, [0], []] * 5,),
     long=lambda: ([[1, 2, 3] * 20, [4, 5, 0, 7], [1] * 70, [0], []] * 50,))


def assigned_before(xs):
    kept = "nothing"
    found = []
    for x in xs:  # native
        try:
            kept = x * 2
            kept = 10 // x
            kept = kept + 1
        except ZeroDivisionError:
            found.append(kept)
    return kept, found


case(assigned_before, lambda: ([1, 2, 3] * 30,), lambda: ([1, 2, 0, 3] * 30,), long=lambda: ([1, 2, 3] * 1000,))


def no_value_yet(xs):
    total = 0
    for x in xs:
        try:
            value = 10 // x
        except ZeroDivisionError:
            pass
        total += value
    return total


case(no_value_yet, lambda: ([1, 2, 0] * 30,), lambda: ([0, 1] * 30,))


def retried(n):
    tries = total = 0
    for i in range(n):  # native
        left = i % 3
        while True:  # native
            tries += 1
            try:
                total += 12 // left
                break
            except ZeroDivisionError:
                left += 1
    return tries, total


case(retried, (10,), (200,), long=(3000,))


def too_big(xs):
    total = 0
    for x in xs:  # native
        try:
            total += x * x
            total += int(x / 3.0)
        except OverflowError:
            total -= 1
    return total


case(too_big, lambda: ([5, 7] * 50,), lambda: ([5, 2**70, 2**1100, 10**9] * 20,), long=lambda: ([5, 7] * 2000,))


def catching_no_class(xs):
    total = 0
    for x in xs:  # native
        try:
            total += 10 // x
        except total:
            total += 1
    return total


case(catching_no_class, lambda: ([1, 2] * 50,), lambda: ([1, 2] * 50 + [0],), long=lambda: ([1, 2] * 2000,))


def a_class_that_changes(n):
    wanted = KeyError
    failed = 0
    for i in range(n):
        try:
            failed += 10 // (i % 7)
        except wanted:
            failed += 1000
        if i > -1:
            wanted = ZeroDivisionError
    return failed


case(a_class_that_changes, (7,), (200,))


def raised_with_values(xs, log):
    for x in xs:  # native
        try:
            if x % 5 == 4:
                raise Odd(x, "five")
            if x % 7 == 6:
                raise KeyError(x / 2)
            log[0] += x
        except Odd:
            log[1] += 1
        except KeyError as error:
            log[2] += 1
            if x > 5000:
                log.append(error)
    return len(log), log[:3], log[3:]


case(raised_with_values, lambda: (list(range(100)), [0, 0, 0]), lambda: (list(range(4950, 5050)), [0, 0, 0]),
     long=lambda: (list(range(4000)), [0, 0, 0]))


def made_and_raised_later(n, log):
    for i in range(n):
        error = ValueError(i)
        try:
            if i % 4 == 3:
                raise error
            log[0] += 1
        except ValueError as caught:
            log[1] += caught is error
    return log, repr(error), error.__traceback__ is None


case(made_and_raised_later, lambda: (50, [0, 0]), lambda: (52, [0, 0]))


def raised_through_two(xs, log):
    for x in xs:  # native
        try:
            try:
                log[0] += 10 // x
            except IndexError:
                log[0] = -1
            finally:
                log[1] += 1
        except ZeroDivisionError:
            log[2] += 1
    return log


case(raised_through_two, lambda: ([1, 2, 0, 3] * 30, [0, 0, 0]), long=lambda: ([1, 2, 0, 3] * 1000, [0, 0, 0]))


def counted_in_a_callee(xs, start):
    found = failed = 0
    for x in xs:  # native
        try:
            found += checked(x, 90) // (x - start)
        except (Odd, ZeroDivisionError):
            failed += 1
    return found, failed


case(counted_in_a_callee, lambda: ([i % 100 for i in range(300)], 7),
     long=lambda: ([i % 100 for i in range(5000)], 7))


def looked_at_in_the_end(xs):
    last = None
    for x in xs:
        try:
            last = 10 // x
        except ZeroDivisionError as error:
            last = error
    return repr(last), [entry[1:] for entry in traceback.extract_tb(getattr(last, "__traceback__", None))]


case(looked_at_in_the_end, lambda: ([1, 2, 0, 3] * 30,), lambda: ([1, 2, 3, 0] * 30,))


def messages(n, every):
    bad = total = 0
    for i in range(n):  # native
        try:
            if i % every == every - 1:
                raise ValueError(f"bad {i}")
            total += i * 3 % 7
        except ValueError:
            bad += 1
    return total, bad


case(messages, (200, 50), (200, 3), (3, 2), (0, 1), long=(5000, 7))


def messages_of_two(n, every):
    bad = total = 0
    for i in range(n):  # native
        try:
            if i % every == 3:
                raise KeyError(f"bad {i * 0.5:.3f} {{of}} {n!r:>5}", i)
            if i % every == 5:
                raise LookupError(f"none {i > 7} {None!s}")
            total += i
        except KeyError:
            bad += 1
        except LookupError:
            bad += 1000
    return total, bad


case(messages_of_two, (200, 50), (200, 7), (0, 1), long=(5000, 20))


def messages_read(xs, n):
    out = []
    for i in range(n):
        for x in xs:
            try:
                if i % 9 != 1:
                    raise ValueError(f"{x} and {i:>4}", f"{x!r}", f"{i:x}", f"")
                raise TypeError(f"{x:{i}}")
            except (ValueError, TypeError) as error:
                out.append(str(error))
    return out


case(
    messages_read, ([1, -1, 2**63, 2**70], 20), ([0.1, float("nan"), -0.0, 1e300], 20), ([True, False], 20),
    ([None], 20), (["a{}", "{b}"], 20), ([(1, 2), [3]], 9), ([1j], 9), ([1, "a", 2.5] * 3, 20), apart=True,
)


def message_that_escapes(n, stop):
    total = 0
    for i in range(n):  # native
        if i == stop:
            raise ValueError(f"stopped at {i} of {n}: {total / 3:8.2f}")
        total += i
    return total


case(message_that_escapes, (10, 99), (10, 0), (90, 70), (2000, 1999), long=(5000, 6000))


def messages_in_a_callee(n, every):
    def check(i):
        if i % every == 2:
            raise ValueError(f"no {i}")
        return i

    total = 0
    for i in range(n):
        try:
            total += check(i)
        except ValueError as error:
            total -= len(str(error)) + len(traceback.extract_tb(error.__traceback__))
    return total


case(messages_in_a_callee, (100, 30), (100, 3))


def messages_that_cannot_be_written(n, x):
    out = []
    for i in range(n):
        try:
            raise ValueError(
                f"{i:d} {i:5.1f} "
                f"{x:d}"
            )
        except (ValueError, TypeError) as error:
            out.append((type(error).__name__, str(error)))
        if i == n - 1:
            raise ValueError(f"{i} {x:s}")
    return out


case(messages_that_cannot_be_written, (40, 1), (40, 1.5), (40, "a"), (40, None), (40, True), (40, Odd()), apart=True)


class Shown:
    def __init__(self, log):
        self.log = log

    def __format__(self, spec):
        self.log.append(("format", spec))
        if len(self.log) > 90:
            raise Odd(len(self.log))
        return "shown"

    def __repr__(self):
        self.log.append("repr")
        return "repr"


def messages_in_order(n, log):
    def note(x):
        log.append(x)
        return x

    shown = Shown(log)
    for i in range(n):
        try:
            raise ValueError(f"{shown:>5}{note(i)}{shown!r}{note(-i)}{shown}")
        except ValueError as error:
            log.append(str(error))
    return log


case(messages_in_order, lambda: (10, []), lambda: (40, []))


def loop_in_a_handler(xs, n, late):
    total, seen = 0, []
    for k in range(n):
        try:
            total += xs[k % 7]
        except IndexError:
            for j in range(9):
                try:
                    total += 100 // (late - k - j)
                except OverflowError:
                    seen.append(j)
    return total, seen


# What a loop in a handler raises has what is being handled for its context.
case(loop_in_a_handler, ([1, 2, 3], 20, 100), ([1, 2, 3], 20, 14), ([1] * 7, 20, 3))
case(transfers, (200,), (3,), long=(3_000,))
case(told_transfers, (60,), (3,))
case(failing_transfer, (40,), (5,))
case(narrow, (40, 100), (40, 20), long=(3_000, 9_000))


def where_exceptions_come_from(xs, n):
    seen, total = [], 0
    for k in range(n):
        try:
            total += xs[k % 7] // (k % 50)
            total += xs[k % 13]
        except (ZeroDivisionError, IndexError) as error:
            entry = error.__traceback__
            seen.append((entry.tb_lineno, error.__context__ is None, entry.tb_next is None))
            try:
                raise KeyError(k)
            except KeyError as second:
                seen.append((second.__traceback__.tb_lineno, type(second.__context__).__name__))
    return total, seen


case(where_exceptions_come_from, lambda: (list(range(13)), 200), lambda: (list(range(8)), 100), lambda: ([1, "a"], 9))


def missing(table, keys, n):
    found, total = [], 0
    for i in range(n):
        key = keys[i % len(keys)]
        try:
            total += table[key]
        except KeyError:
            total -= 1
        if i == n - 5:
            table[key] = 100
    return total, found


def missing_by_name(table, keys, n):
    found = []
    for i in range(n):
        try:
            found.append(table[keys[i % len(keys)]])
        except KeyError as error:
            found.append(error.args)
        except TypeError as error:
            found.append(str(error))
    return found


def always_missing(table, n):
    total = 0
    for i in range(n):
        try:
            total += table["absent"]
        except LookupError:
            total += i
        if i == n - 3:
            table["absent"] = 1.5
    return total


def missing_in_a_callee(table, n):
    def look(key):
        return table[key] + 1

    found = []
    for i in range(n):
        try:
            found.append(look(i % 7))
        except KeyError as error:
            found.append((error.args, error.__traceback__.tb_next.tb_lineno))
    return found


def missing_outside(table, n):
    total = 0
    for i in range(n):
        try:
            total += table[i % 40]
        except ValueError:
            total = -1
    return total


class Default(dict):
    def __missing__(self, key):
        return len(self)


case(missing, lambda: ({"a": 1, "b": 2}, ["a", "x", "b"], 60), lambda: ({1: 1, 2.5: 2, True: 3}, [1, 2.5, 7, 2], 60),
     lambda: ({(1, 2): 1}, [(1, 2), (2, 1)], 60), lambda: (Default(a=1), ["a", "b"], 60), lambda: ({}, ["q"], 9))
case(missing_by_name, lambda: ({"a": 1, "b": 2}, ["a", "x", "b"], 60), lambda: ({1: 1, 2.5: 2}, [1, 2.5, 7, [], 2], 60),
     lambda: (collections.defaultdict(int, a=1), ["a", "b"], 40), lambda: (collections.Counter("aab"), ["a", "c"], 40))
case(always_missing, lambda: ({}, 60), lambda: ({"absent": 2}, 60))
case(missing_in_a_callee, lambda: ({1: 1, 2: 2, 3: 3, 5: 1}, 60))
case(missing_outside, lambda: ({k: k for k in range(40)}, 80), lambda: ({k: k for k in range(39)}, 80))


def caught_by_a_tuple_in_a_tuple(n):
    out = []
    for i in range(n):
        try:
            try:
                if i % 4 == 2:
                    raise KeyError
                if i % 4 == 3:
                    raise ValueError("a")
            except (KeyError, (ValueError, IndexError)) as e:
                out.append(repr(e))
        except TypeError as e:
            out.append((str(e), repr(e.__context__)))
    return out


case(caught_by_a_tuple_in_a_tuple, (40,), (3,), long=(900,))
