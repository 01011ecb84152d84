"""Which columns hold times, however they are written: dates, years, months, quarters, ISO text, weekdays."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from apps.datasources.schema import ColumnType
from apps.queries.charts.units import drawable

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "mon tue wed thu fri sat sun".split()
_FULL = "january february march april may june july august september october november december".split()
_FULL_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_EARLIEST_YEAR, _LATEST_YEAR = 1000, 2999


class Grain(StrEnum):
    """How fine the times are; CYCLE comes round again, as weekdays and months without a year do."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"
    MOMENT = "moment"
    CYCLE = "cycle"


# The largest number of a part of a cycle, by the last word of a column's name, and the least.
_CYCLES = {
    "month": (1, 12), "quarter": (1, 4), "week": (1, 53), "day": (1, 31), "weekday": (0, 7), "dow": (0, 7),
    "hour": (0, 23), "minute": (0, 59),
}  # fmt: skip
_TIME_NAMES = (*_CYCLES, "year", "date", "yr")


@dataclass(frozen=True)
class Times:
    """The times of a column, row by row: `datetime` without a zone, or the place in a cycle."""

    grain: Grain
    points: tuple[datetime | int | None, ...]


def times_of(name: str, kind: ColumnType, values: Sequence[Any]) -> Times | None:
    """The column as times, or None where a single value is none."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    reader = _reader(name, kind, present)
    if reader is None:
        return None
    read = [None if value is None else reader(value) for value in values]
    if any(was is not None and now is None for was, now in zip(values, read, strict=True)):
        return None
    grains = {one[0] for one in read if one is not None}
    if Grain.CYCLE in grains and len(grains) > 1:
        return None
    grain = max(grains, key=list(Grain).index)
    return Times(grain, tuple(None if one is None else one[1] for one in read))


def joined(years: Times, parts: Times, places: int) -> Times:
    """Years beside months or quarters (`places` a year) as one time."""
    months = 12 // places
    points = tuple(
        datetime(year.year, (part - 1) * months + 1, 1)  # noqa: DTZ001 - a place on an axis has no zone
        if isinstance(year, datetime) and isinstance(part, int)
        else None
        for year, part in zip(years.points, parts.points, strict=True)
    )
    return Times(Grain.MONTH if places == 12 else Grain.QUARTER, points)


Read = tuple[Grain, datetime | int]


def _reader(name: str, kind: ColumnType, present: Sequence[Any]) -> Callable[[Any], Read | None] | None:
    last = (re.findall(r"[a-z]+", name.lower()) or [""])[-1]
    if all(isinstance(value, date | datetime) for value in present):
        return _from_date
    if kind.is_number and last in _TIME_NAMES:
        return lambda value: _from_number(last, value)
    if all(isinstance(value, str) for value in present):
        return lambda value: _from_text(last, value.strip())
    if all(isinstance(value, time) for value in present):
        return lambda value: (Grain.CYCLE, value.hour * 3600 + value.minute * 60 + value.second)
    return None


def _from_date(value: date | datetime) -> Read:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None)  # the clock on the wall, as the answer shows it
        at_midnight = moment.time() == time.min
        return (Grain.DAY if at_midnight else Grain.MOMENT), moment
    return Grain.DAY, datetime(value.year, value.month, value.day)  # noqa: DTZ001


def _from_number(last: str, value: Any) -> Read | None:
    number = None if isinstance(value, bool | str) else drawable(value)
    if number is None or abs(number) > _LATEST_YEAR or number != int(number):
        return None
    whole = int(value)
    if last in ("year", "yr", "date"):
        return (Grain.YEAR, datetime(whole, 1, 1)) if whole >= _EARLIEST_YEAR else None  # noqa: DTZ001
    least, most = _CYCLES[last]
    return (Grain.CYCLE, whole) if least <= whole <= most else None


_YEAR = r"([12]\d{3})"
_TEXTS: tuple[tuple[str, Grain], ...] = (
    (rf"{_YEAR}-(\d\d)", Grain.MONTH),
    (rf"{_YEAR}[ -]?Q([1-4])", Grain.QUARTER),
    (rf"Q([1-4])[ -/]{_YEAR}", Grain.QUARTER),
    (rf"([A-Za-z]{{3,9}})\.? {_YEAR}", Grain.MONTH),
)


def _from_text(last: str, text: str) -> Read | None:
    if len(text) > 40:
        return None
    if re.fullmatch(_YEAR, text):
        return _from_number("year", int(text)) if last in _TIME_NAMES else None
    if re.fullmatch(r"\d{1,2}", text):
        return _from_number(last, int(text)) if last in _CYCLES else None
    if re.match(r"\d{4}-\d\d-\d\d", text):
        try:
            return _from_date(datetime.fromisoformat(text))
        except ValueError:
            return None
    return _from_words(text) or _from_pattern(text)


def _from_words(text: str) -> Read | None:
    """A month, weekday or quarter by its name."""
    word = text.lower().rstrip(".")
    for short, full in ((MONTHS, _FULL), (WEEKDAYS, _FULL_DAYS)):
        if word in full:
            return Grain.CYCLE, full.index(word) + 1
        if word in short:
            return Grain.CYCLE, short.index(word) + 1
    match = re.fullmatch(r"q([1-4])", word)
    return (Grain.CYCLE, int(match.group(1))) if match else None


def _from_pattern(text: str) -> Read | None:
    for pattern, grain in _TEXTS:
        match = re.fullmatch(pattern, text)
        if match is None:
            continue
        year = int(next(part for part in match.groups() if len(part) == 4 and part.isdigit()))
        other = next(part for part in match.groups() if not (len(part) == 4 and part.isdigit()))
        part = MONTHS.index(other[:3].lower()) + 1 if other[:3].lower() in MONTHS else None
        if part is None:
            part = int(other) if other.isdigit() else 0
        month = (part - 1) * 3 + 1 if grain == Grain.QUARTER else part
        return (grain, datetime(year, month, 1)) if 1 <= month <= 12 else None  # noqa: DTZ001
    return None
