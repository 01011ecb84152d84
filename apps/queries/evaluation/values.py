"""When two values of two results are the same value, whatever type a driver gave them. No Django here."""

import datetime as dt
import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
Number = int | float | Decimal
RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-12
EXACT_DIGITS = 6  # a decimal with more digits after the point came out of a division
_NAN = ("not a number",)


def in_one_form(*tables: Sequence[Row]) -> list[list[Row]]:
    """The tables with one hashable form for each value, so that equal values of any of them are equal in Python.

    1, 1.0, Decimal("1") and true are one number. Numbers that were computed (floats, long decimals) equal whatever lies
    within a relative 1e-9; integers and short decimals are exact. NULL equals NULL and nothing else, text only the same
    text, and a date also its ISO text; midnight is the day. Text is never a number.
    """
    values = [value for table in tables for row in table for value in row]
    numbers = _forms_of_numbers(value for value in values if isinstance(value, int | float | Decimal))
    has_dates = any(isinstance(value, dt.date) for value in values)
    return [[tuple(_form(value, numbers, has_dates) for value in row) for row in table] for table in tables]


def _form(value: Any, numbers: Mapping[Number, Number], has_dates: bool) -> Any:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return _date_form(value) if has_dates else value
    if isinstance(value, int | float | Decimal):
        return _NAN if _is_nan(value) else numbers[value]
    return _rare_form(value)


def _rare_form(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return _moment_form(value)
    if isinstance(value, dt.timedelta):
        return ("interval", value)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, list | tuple | dict):
        return ("json", json.dumps(value, sort_keys=True, default=str))
    return str(value)


def _date_form(text: str) -> str:
    """ISO text as the dates beside it are written; any other text as it is."""
    if not text[:4].isdigit() or text[4:5] != "-":
        return text
    try:
        return _moment_form(dt.datetime.fromisoformat(text))
    except ValueError:
        return text


def _moment_form(moment: dt.datetime) -> str:
    if moment.tzinfo is not None:
        return _in_utc(moment).isoformat(" ")
    return str(moment.date()) if moment.time() == dt.time.min else moment.isoformat(" ")


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:  # the first or last day that there is
        return moment


def _forms_of_numbers(found: Iterable[Number]) -> dict[Number, Number]:
    """One number for each group of equal ones: an exact one where there is one, else the least of them."""
    distinct = {number for number in found if not _is_nan(number)}
    computed = sorted(number for number in distinct if _is_computed(number))
    forms: dict[Number, Number] = {number: number for number in distinct if not _is_computed(number)}
    exact = sorted(forms)
    group: Number | None = None
    for number in computed:
        nearest = _nearest(number, exact)
        if nearest is not None and _is_close(number, nearest):
            forms[number] = nearest
            continue
        if group is None or not _is_close(number, group):
            group = number
        forms[number] = group
    return forms


def _nearest(number: Number, ordered: Sequence[Number]) -> Number | None:
    place = bisect_left(ordered, number)
    around = ordered[max(0, place - 1) : place + 1]
    return min(around, key=lambda one: abs(Decimal(one) - Decimal(number)), default=None)


def _is_close(one: Number, other: Number) -> bool:
    try:
        return math.isclose(one, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    except OverflowError:
        return one == other


def _is_computed(number: Number) -> bool:
    """Whether its last digits are those of a computation; infinity has none."""
    if isinstance(number, Decimal):
        _, digits, exponent = number.as_tuple()
        return isinstance(exponent, int) and exponent < -EXACT_DIGITS and any(digits[exponent + EXACT_DIGITS :])
    return isinstance(number, float) and math.isfinite(number)


def _is_nan(number: Number) -> bool:
    return number.is_nan() if isinstance(number, Decimal) else number != number
