"""Calendar periods as half-open ranges of days."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `low` (inclusive) to `high` (exclusive); None is open. `month` alone: that month of any year."""

    low: dt.date | None = None
    high: dt.date | None = None
    month: int | None = None

    def told(self) -> str:
        """Its first and last day in words."""
        last = self.high - dt.timedelta(days=1) if self.high else None
        parts = [f"from {self.low}" if self.low else "", f"to {last}" if last else ""]
        return " ".join(part for part in parts if part) or "of any day"


def one_day(day: dt.date) -> Period:
    """A single day."""
    return Period(day, day + dt.timedelta(days=1))


def month_of(year: int, month: int) -> Period:
    """One month of one year."""
    return Period(dt.date(year, month, 1), months_later(dt.date(year, month, 1), 1))


def months_later(day: dt.date, months: int) -> dt.date:
    """The first day of the month that many months on."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, 1)


def period_of(unit: str, day: dt.date, steps: int = 0) -> Period:
    """The calendar unit that holds a day, or the one so many steps later."""
    if unit in ("day", "week"):
        length = 7 if unit == "week" else 1
        first = day - dt.timedelta(days=day.weekday() if unit == "week" else 0) + dt.timedelta(days=length * steps)
        return Period(first, first + dt.timedelta(days=length))
    months = {"year": 12, "quarter": 3, "month": 1}[unit]
    first = months_later(dt.date(day.year, (day.month - 1) // months * months + 1, 1), months * steps)
    return Period(first, months_later(first, months))


def earlier(day: dt.date, unit: str, count: int) -> dt.date:
    """The day after the one that lies so many units back."""
    if unit in ("day", "week"):
        return day - dt.timedelta(days=count * (7 if unit == "week" else 1) - 1)
    first = months_later(day, -count * {"year": 12, "quarter": 3, "month": 1}[unit])
    last = (months_later(first, 1) - dt.timedelta(days=1)).day
    return first.replace(day=min(day.day, last)) + dt.timedelta(days=1)
