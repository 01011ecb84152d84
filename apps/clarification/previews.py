"""Comparing results and showing a small piece of one. No Django here."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.datasources.results import ResultSet

PREVIEW_ROWS = 3
PREVIEW_COLUMNS = 4
# Marks that turn the direction of the text after them: one value would rearrange the sentence around it.
_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
DIRECTIONS = dict.fromkeys((0, *_TURNING), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class Preview:
    """The first rows of a result as people read them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def says_the_same(one: ResultSet, other: ResultSet) -> bool:
    """True where one result holds the other: the same rows, perhaps with more columns beside.

    Names and orders of columns do not count, nor does the order of rows.
    """
    if one.row_count != other.row_count:
        return False
    few, many = sorted((_columns(one), _columns(other)), key=len)
    return not Counter(few) - Counter(many)


def _columns(result: ResultSet) -> list[tuple[str, ...]]:
    """Each column as its sorted values."""
    return [tuple(sorted(repr(_comparable(row[at])) for row in result.rows)) for at in range(len(result.columns))]


def _comparable(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value) if value is not None else None
    return f"{float(value):.9g}"


def preview_of(result: ResultSet) -> Preview:
    """A few rows and columns, numbers with separators."""
    columns = tuple(column.name for column in result.columns[:PREVIEW_COLUMNS])
    rows = tuple(tuple(shown(value) for value in row[:PREVIEW_COLUMNS]) for row in result.rows[:PREVIEW_ROWS])
    return Preview(columns, rows)


def shown(value: Any) -> str:
    """A value as a person reads it: 1,204 and 0.5, dates in ISO form, nothing for a missing value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return str(value).translate(DIRECTIONS)
