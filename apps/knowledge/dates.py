"""Stretches of a question that mean a span of days: "in March 2024", "last quarter", "since June 5th", "year to
date"."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from .fiscal import fiscal_at
from .tokens import Token, TokenKind

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)} | {
    name[:3]: number for number, name in enumerate(_MONTHS, start=1)
} | {"sept": 9}  # fmt: skip
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th")
_UNITS = {"day": 1, "week": 7, "fortnight": 14}
_QUARTERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4}
FIRST_YEAR, LAST_YEAR = 1800, 2100


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Tokens `start` to `end` (exclusive) mean the days from `first` up to, not including, `after`."""

    start: int
    end: int
    first: dt.date
    after: dt.date


def find_dates(tokens: Sequence[Token], today: dt.date, fiscal_year_start_month: int = 1) -> list[DateSpan]:
    """Every span of days said in words, left to right, without overlap. A bare year is left to its reader."""
    words = [token.text for token in tokens]
    found: list[DateSpan] = []
    index = 0
    while index < len(tokens):
        fiscal = fiscal_at(words, index, today, fiscal_year_start_month)
        span = DateSpan(index, index + fiscal.length, fiscal.first, fiscal.after) if fiscal else None
        span = span or _named_month(tokens, index) or _relative(tokens, index, today) or _quarter(tokens, index, today)
        if span:
            found.append(span)
        index = span.end if span else index + 1
    return found


def year_span(year: int) -> tuple[dt.date, dt.date]:
    """The first day of a year and of the next."""
    return dt.date(year, 1, 1), dt.date(year + 1, 1, 1)


def _named_month(tokens: Sequence[Token], index: int) -> DateSpan | None:
    """ "November 5th, 2007", "5 November 2007", "March 2024"; a month without a year could be any year's."""
    start, day = index, None
    if (before := _day(tokens, index)) is not None and _month(tokens, index + 1):
        day, index = before, index + 1
    month = _month(tokens, index)
    if month is None:
        return None
    end = index + 1
    if day is None and (following := _day(tokens, end)) is not None:
        day, end = following, end + 1
    year_at = end + 1 if end < len(tokens) and tokens[end].text in (",", "of") else end
    year = _year(tokens, year_at)
    if year is None:
        return None
    return _month_span(start, year_at + 1, year, month, day)


def _month_span(start: int, end: int, year: int, month: int, day: int | None) -> DateSpan | None:
    try:
        first = dt.date(year, month, day or 1)
    except ValueError:
        return None
    return DateSpan(start, end, first, first + dt.timedelta(days=1) if day else _next_month(first))


def _month(tokens: Sequence[Token], index: int) -> int | None:
    if index >= len(tokens) or tokens[index].kind is not TokenKind.WORD:
        return None
    return _MONTH_NUMBERS.get(tokens[index].text.lower().rstrip("."))


def _day(tokens: Sequence[Token], index: int) -> int | None:
    if index >= len(tokens):
        return None
    text = tokens[index].text.lower()
    digits = text[:-2] if text.endswith(_ORDINAL_ENDINGS) else text
    is_short = digits.isascii() and digits.isdigit() and len(digits) <= 2
    return int(digits) if is_short and 1 <= int(digits) <= 31 else None


def _year(tokens: Sequence[Token], index: int) -> int | None:
    if index >= len(tokens) or tokens[index].number is None:
        return None
    number = tokens[index].number or 0
    return int(number) if FIRST_YEAR <= number < LAST_YEAR and number == int(number) else None


def _relative(tokens: Sequence[Token], index: int, today: dt.date) -> DateSpan | None:
    """ "yesterday", "last year", "this month", "past 30 days", "year to date"."""
    words = [token.lemma for token in tokens[index : index + 4]]
    if words[0] in ("today", "yesterday"):
        first = today - dt.timedelta(days=words[0] == "yesterday")
        return DateSpan(index, index + 1, first, first + dt.timedelta(days=1))
    if words[:3] in (["year", "to", "date"], ["month", "to", "date"]):
        first = today.replace(day=1) if words[0] == "month" else today.replace(month=1, day=1)
        return DateSpan(index, index + 3, first, today + dt.timedelta(days=1))
    if words[0] not in ("last", "past", "previous", "this", "current") or len(words) < 2:
        return None
    number = tokens[index + 1].number
    if number is not None and len(words) > 2 and words[0] in ("last", "past", "previous"):
        return _counted(index, int(number), words[2], today)
    period = _period(words[1], today)
    if period is None:
        return None
    first, after = period if words[0] in ("this", "current") else _period_before(words[1], period[0])
    return DateSpan(index, index + 2, first, after)


def _counted(index: int, count: int, unit: str, today: dt.date) -> DateSpan | None:
    """The last so many days, weeks, months or years up to today."""
    if not 0 < count < 10_000:
        return None
    after = today + dt.timedelta(days=1)
    if unit in _UNITS:
        return DateSpan(index, index + 3, after - dt.timedelta(days=count * _UNITS[unit]), after)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None or count * months > 12 * 500:
        return None
    whole = today.year * 12 + today.month - 1 - count * months
    return DateSpan(index, index + 3, dt.date(whole // 12, whole % 12 + 1, min(today.day, 28)), after)


def _period(unit: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """The running week (from Monday), month, quarter or year."""
    if unit == "week":
        monday = today - dt.timedelta(days=today.weekday())
        return monday, monday + dt.timedelta(days=7)
    if unit == "month":
        return today.replace(day=1), _next_month(today.replace(day=1))
    if unit == "quarter":
        return _quarter_of(today.year, (today.month + 2) // 3)
    return year_span(today.year) if unit == "year" else None


def _period_before(unit: str, first: dt.date) -> tuple[dt.date, dt.date]:
    """The whole period that ends where `first` begins."""
    period = _period(unit, first - dt.timedelta(days=1))
    return period or (first, first)


def _quarter(tokens: Sequence[Token], index: int, today: dt.date) -> DateSpan | None:
    """ "Q1 2024", "Q3"."""
    number = _QUARTERS.get(tokens[index].text.lower())
    if number is None:
        return None
    at = index + 2 if index + 1 < len(tokens) and tokens[index + 1].lemma == "of" else index + 1
    year = _year(tokens, at)
    first, after = _quarter_of(year or today.year, number)
    return DateSpan(index, at + 1 if year else index + 1, first, after)


def _quarter_of(year: int, number: int) -> tuple[dt.date, dt.date]:
    first = dt.date(year, number * 3 - 2, 1)
    return first, _next_month(first.replace(month=number * 3))


def _next_month(first: dt.date) -> dt.date:
    return dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
