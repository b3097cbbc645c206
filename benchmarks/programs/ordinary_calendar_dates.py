"""Working days, holidays and appointments over many years, with calendar and datetime."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta, timezone

GROUP = "ordinary"
ARGS = (1400, 9800)

ONE_DAY = timedelta(days=1)


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays(year):
    sunday = easter(year)
    found = {date(year, 1, 1): "New Year", date(year, 12, 25): "Christmas", date(year, 12, 26): "Boxing Day"}
    for offset, name in ((-2, "Good Friday"), (1, "Easter Monday"), (39, "Ascension"), (50, "Whit Monday")):
        found[sunday + timedelta(days=offset)] = name
    return found


def working_days(year, free):
    day = date(year, 1, 1)
    count = 0
    while day.year == year:
        if day.weekday() < 5 and day not in free:
            count += 1
        day += ONE_DAY
    return count


def third_thursdays(year):
    for month in range(1, 13):
        weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month)
        thursdays = [week[3] for week in weeks if week[3].month == month]
        yield thursdays[2]


def meetings(year, free):
    for day in third_thursdays(year):
        while day in free:
            day += timedelta(weeks=1)
        start = datetime(day.year, day.month, day.day, 9, 30, tzinfo=timezone(timedelta(hours=2)))
        yield start.astimezone(timezone.utc).isoformat(timespec="minutes")


def run(first, last):
    counts = {}
    all_meetings = []
    names = {}
    for year in range(first, last):
        free = holidays(year)
        counts[year] = working_days(year, free)
        all_meetings.extend(meetings(year, free))
        for day, name in free.items():
            if day.weekday() < 5:
                names[name] = names.get(name, 0) + 1
    pages = [calendar.TextCalendar().formatyear(year) for year in range(first, first + 20)]
    fewest = min(counts, key=lambda year: (counts[year], year))
    gaps = [
        (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days
        for earlier, later in zip(all_meetings, all_meetings[1:])
    ]
    length = sum(map(len, pages))
    return fewest, counts[fewest], all_meetings[-1], sorted(names.items()), max(gaps), length, pages[3][:90]
