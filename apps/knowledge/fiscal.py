"""Fiscal years, which begin in a month that the organization sets and are called after the year in which they end."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SHORT = re.compile(r"fy(\d{2}|\d{4})?")
_STEPS = {"this": 0, "current": 0, "last": -1, "previous": -1, "next": 1}
_QUARTERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4}


@dataclass(frozen=True, slots=True)
class FiscalSpan:
    """So many words mean the days from `first` up to, not including, `after`; `note` says which fiscal year that is."""

    length: int
    first: dt.date
    after: dt.date
    note: str


def fiscal_at(words: Sequence[str], place: int, today: dt.date, start_month: int) -> FiscalSpan | None:
    """ "this fiscal year", "fiscal year 2025", "FY25", "Q2 FY2025", "last fiscal quarter", "fiscal year to date"."""
    said = [word.lower() for word in words[place : place + 6]] + [""] * 6
    quarter = _QUARTERS.get(said[0])
    if quarter:
        year = _named_year(said, 1 + (said[1] == "of"))
        return _quarter_span(year[0] + year[1], year[2], quarter, start_month) if year else None
    if year := _named_year(said, 0):
        return _span(year[0] + year[1], year_of(year[2], start_month), year[2], start_month)
    if said[0] in _STEPS and said[1] in ("fiscal", "financial") and said[2] in ("year", "quarter"):
        return _relative(said, today, start_month)
    if said[:4] in (["fiscal", "year", "to", "date"], ["financial", "year", "to", "date"]):
        number = year_number(today, start_month)
        return _span(4, (year_of(number, start_month)[0], today + dt.timedelta(days=1)), number, start_month)
    return None


def year_number(day: dt.date, start_month: int) -> int:
    """The fiscal year that a day lies in."""
    return day.year + (start_month > 1 and day.month >= start_month)


def year_of(number: int, start_month: int) -> tuple[dt.date, dt.date]:
    """The first day of a fiscal year and of the next."""
    begins = number if start_month == 1 else number - 1
    return dt.date(begins, start_month, 1), dt.date(begins + 1, start_month, 1)


def quarter_of(number: int, quarter: int, start_month: int) -> tuple[dt.date, dt.date]:
    """The first day of a quarter of a fiscal year and the day after its last."""
    first = year_of(number, start_month)[0]
    return _later(first, 3 * (quarter - 1)), _later(first, 3 * quarter)


def _relative(said: Sequence[str], today: dt.date, start_month: int) -> FiscalSpan:
    steps, number = _STEPS[said[0]], year_number(today, start_month)
    if said[2] == "year":
        number += steps
        return _span(3, year_of(number, start_month), number, start_month)
    passed = (today.month - start_month) % 12 // 3 + steps
    return _quarter_span(3, number + passed // 4, passed % 4 + 1, start_month)


def _named_year(said: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """Where the words of a year such as "FY25" begin, how many there are, and the year."""
    short = _SHORT.fullmatch(said[at])
    if short and short[1]:
        return (at, 1, _full(short[1])) if 1900 <= _full(short[1]) < 2100 else None
    length = 1 if short else 2 if said[at] in ("fiscal", "financial") and said[at + 1] == "year" else 0
    length = length or (1 if said[at] == "fiscal" else 0)
    number = said[at + length] if length else ""
    is_year = number.isascii() and number.isdigit() and len(number) in ((2, 4) if short else (4,))
    return (at, length + 1, _full(number)) if is_year and 1900 <= _full(number) < 2100 else None


def _full(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _span(length: int, days: tuple[dt.date, dt.date], number: int, start_month: int) -> FiscalSpan:
    first, after = year_of(number, start_month)
    last = after - dt.timedelta(days=1)
    note = f"Fiscal year {number} runs from {first.isoformat()} to {last.isoformat()}."
    return FiscalSpan(length, *days, note)


def _quarter_span(length: int, number: int, quarter: int, start_month: int) -> FiscalSpan:
    return _span(length, quarter_of(number, quarter, start_month), number, start_month)


def _later(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, 1)
