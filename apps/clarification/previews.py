"""Comparing results and showing a small piece of one. No Django here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.datasources.results import ResultSet

PREVIEW_ROWS = 3
PREVIEW_COLUMNS = 4


@dataclass(frozen=True)
class Preview:
    """The first rows of a result as people read them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def fingerprint(result: ResultSet) -> object:
    """Equal for results with the same rows, whatever the columns are called; the order of rows does not count."""
    return len(result.columns), tuple(sorted(repr([_comparable(value) for value in row]) for row in result.rows))


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
    return str(value)
