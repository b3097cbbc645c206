"""Letters written from string.Template, with checked values and a log of what was missing."""

from __future__ import annotations

from string import Template

GROUP = "ordinary"
ARGS = (120_000,)

LETTER = Template(
    "Dear $title ${name},\n\nyour order no. $number of $date has $state.\n"
    "The sum of $$$amount will be taken from account ${account}.\n\nYours,\n$sender\n"
)
SUBJECT = Template("Order $number ($state)")


class Address(Template):
    delimiter = "%"
    idpattern = r"[a-z]+_[a-z]+"


LABEL = Address("%first_name %last_name\n%street_name %{house_number}\n%%")

CUSTOMERS = [
    {"title": "Ms", "name": "Abel", "account": "A-1001", "city": "Bergen"},
    {"title": "Mr", "name": "Brook", "account": "B-2002"},
    {"title": "Dr", "name": "Castle", "city": "Delft"},
    {"name": "Drew", "account": "D-4004", "city": "Ghent"},
]


def values_of(number):
    customer = CUSTOMERS[number % len(CUSTOMERS)]
    return dict(
        customer,
        number=number,
        date=f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
        state="been sent" if number % 3 else "arrived",
        amount=f"{number * 1.25:.2f}",
        sender="The shop",
    )


def write(number, missing):
    values = values_of(number)
    try:
        return SUBJECT.substitute(values), LETTER.substitute(values)
    except KeyError as problem:
        missing.setdefault(problem.args[0], []).append(number)
        return SUBJECT.safe_substitute(values), LETTER.safe_substitute(values, title="Customer")


def run(count):
    missing = {}
    lengths = {}
    subject = text = ""
    for number in range(count):
        subject, text = write(number, missing)
        lengths[len(text)] = lengths.get(len(text), 0) + 1
    labels = [
        LABEL.safe_substitute(first_name="Ann", last_name=f"No. {i}", house_number=i) for i in range(0, count, 50)
    ]
    return subject, text, sorted(lengths.items()), {key: len(each) for key, each in missing.items()}, labels[-1]
