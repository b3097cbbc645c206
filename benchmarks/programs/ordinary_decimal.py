"""Interest plans and series computed with the pure Python decimal module."""

from __future__ import annotations

from _pydecimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, localcontext

GROUP = "ordinary"
ARGS = (900, 650)

CENT = Decimal("0.01")


def plan(loan, rate, months):
    monthly = Decimal(rate) / 1200
    factor = (1 + monthly) ** months
    payment = (loan * monthly * factor / (factor - 1)).quantize(CENT, ROUND_HALF_EVEN)
    rest = loan
    interest_paid = Decimal(0)
    rows = []
    for month in range(1, months + 1):
        interest = (rest * monthly).quantize(CENT)
        share = min(payment - interest, rest)
        rest -= share
        interest_paid += interest
        if month % 12 == 0 or not rest:
            rows.append(f"{month:>4} {interest:>10} {share:>10} {rest:>12,}")
        if not rest:
            break
    return payment, interest_paid, rows


def pi():
    last, t, s, n, na, d, da = 0, Decimal(3), 3, 1, 0, 0, 24
    while s != last:
        last = s
        n, na = n + na, na + 8
        d, da = d + da, da + 32
        t = (t * n) / d
        s += t
    return +s


def exponential(x):
    term = total = Decimal(1)
    step = 0
    last = Decimal(0)
    while total != last:
        step += 1
        last = total
        term = term * x / step
        total += term
    return total, step


def run(loans, digits):
    plans = [plan(Decimal(10_000 + 777 * i), f"{3 + i % 5}.{i % 10}", 24 + 12 * (i % 9)) for i in range(loans)]
    with localcontext(Context(prec=digits)) as context:
        context.traps[DivisionByZero] = True
        number = pi()
        e, steps = exponential(Decimal(1))
        root = (number * e).sqrt()
        inexact = bool(context.flags[Inexact])
        failures = 0
        for i in range(5):
            try:
                Decimal(1) / (i // 2)
            except DivisionByZero:
                failures += 1
    dearest = max(plans, key=lambda each: each[1])
    return str(dearest[0]), dearest[2][-3:], str(number), str(e)[-20:], steps, str(root)[:40], inexact, failures
