"""When things happen: the days the company covers and how busy each of them is."""

import datetime as dt
from collections.abc import Iterator, Sequence

from apps.datasources.sample.dice import Dice

FIRST_DAY = dt.date(2022, 1, 1)
LAST_DAY = dt.date(2026, 10, 31)
"""The books close here, whatever day it is: what would have happened later has not happened."""

_MONTHS = (82, 80, 94, 101, 104, 98, 88, 84, 100, 108, 134, 127)
_WEEKDAYS = (118, 116, 110, 106, 100, 46, 38)
_HOLIDAYS = ((1, 1), (5, 1), (12, 25), (12, 26))


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from `first` to `last`, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield dt.date.fromordinal(number)


def busyness(day: dt.date) -> int:
    """How many orders a day attracts compared with others: growth, season, weekday and holidays."""
    growth = 1000 + (day - FIRST_DAY).days * 11 // 20
    weight = growth * _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] // 1000
    return weight // 5 if (day.month, day.day) in _HOLIDAYS else weight


def orders_per_day(dice: Dice, days: Sequence[dt.date], total: int) -> list[int]:
    """`total` orders spread over `days` by their busyness, with some noise."""
    weights = [busyness(day) * dice.bell(70, 130) for day in days]
    whole = sum(weights)
    counts, passed = [], 0
    for weight in weights:
        counts.append(total * (passed + weight) // whole - total * passed // whole)
        passed += weight
    return counts


def working_time(dice: Dice, day: dt.date) -> dt.datetime:
    """A moment of that day between seven in the morning and ten at night, likelier around midday."""
    second = dice.bell(7 * 3600, 22 * 3600 - 1)
    return dt.datetime(day.year, day.month, day.day) + dt.timedelta(seconds=second)  # noqa: DTZ001  (a naive moment of the books, in UTC)
