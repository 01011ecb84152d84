"""A result as prose speaks of it: measures with exact cells, and the words that name its rows."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import pairwise
from typing import Any

from apps.datasources.results import ResultSet
from apps.queries.charts.columns import ChartColumn, Role, columns_of
from apps.queries.charts.times import Grain
from apps.queries.charts.units import quantity, words_of

MOST_LABEL_WORDS = 10
_PERCENT_WORDS = {"pct", "percent", "percentage", "rate", "share", "ratio", "growth", "change", "margin", "fraction"}


@dataclass(frozen=True, eq=False)  # itself, whatever its cells: not all of them can be compared
class Measure:
    """A column of numbers; None where a cell holds none."""

    name: str
    cells: tuple[Decimal | None, ...]
    is_percent: bool

    @property
    def present(self) -> list[Decimal]:
        return [cell for cell in self.cells if cell is not None]

    @cached_property
    def stems(self) -> frozenset[str]:
        return stems_of(words_of(self.name))


@dataclass(frozen=True)
class Table:
    """What the checks ask of a result. `labels` lead from words, as `tokens_of` gives them, to rows."""

    measures: tuple[Measure, ...]
    labels: dict[tuple[str, ...], frozenset[int]]
    label_stems: frozenset[str]
    distinct: dict[str, int]
    row_count: int
    truncated: bool
    runs_forward: bool


def table_of(result: ResultSet) -> Table:
    """The result for prose. Only numbers are cells: no booleans, no missing values, nothing that is not finite."""
    columns = columns_of(result)
    labels: dict[tuple[str, ...], set[int]] = defaultdict(set)
    named = [one for one in columns if one.role in (Role.LABEL, Role.TIME, Role.KEY)]
    for column in named:
        for row, value in enumerate(column.values):
            for words in _names(column, row, value):
                labels[words].add(row)
    return Table(
        measures=tuple(_measures(result, columns)),
        labels={words: frozenset(rows) for words, rows in labels.items()},
        label_stems=frozenset(stem for one in named for stem in stems_of(words_of(one.name))),
        distinct={one.name: one.distinct for one in named},
        row_count=result.row_count,
        truncated=result.truncated,
        runs_forward=any(_runs_forward(one) for one in columns),
    )


def tokens_of(text: str) -> tuple[str, ...]:
    """Words and numbers of a text, in lower case."""
    return tuple(re.findall(r"\w+", text.casefold()))


def stems_of(words: Sequence[str]) -> frozenset[str]:
    """Words without their plural, long enough to say something."""
    stems = (re.sub(r"(?:ies|y)$", "i", word.lower()) for word in words)
    return frozenset(re.sub(r"e?s$", "", stem) if len(stem) > 3 else stem for stem in stems if len(stem) > 2)


def number_of(value: Any) -> Decimal | None:
    """A cell as an exact number, or None."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return quantity(value) if len(value) <= 40 else None
    if not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _measures(result: ResultSet, columns: Sequence[ChartColumn]) -> Iterator[Measure]:
    roles = {one.name: one.role for one in columns}
    for at, column in enumerate(result.columns):
        cells = tuple(number_of(row[at]) for row in result.rows)
        is_measure = roles.get(column.name) == Role.MEASURE or _is_scale(columns, column.name)
        if is_measure and any(cell is not None for cell in cells):
            words = set(words_of(column.name))
            yield Measure(column.name, cells, bool(words & _PERCENT_WORDS) or "%" in column.name)


def _is_scale(columns: Sequence[ChartColumn], name: str) -> bool:
    return any(one.name == name and one.is_ordinal for one in columns)


def _names(column: ChartColumn, row: int, value: Any) -> Iterator[tuple[str, ...]]:
    if value is None or column.is_ordinal:
        return
    if column.times is not None:
        point = column.times.points[row]
        yield from (tokens_of(text) for text in _spoken(point, column.times.grain, value))
        return
    words = tokens_of(str(value))
    if not words or len(words) > MOST_LABEL_WORDS:
        return
    if column.role == Role.KEY and not any(word.isalpha() for word in words):
        yield from ((stem, *words) for stem in (*words_of(column.name)[-2:], "number", "no") if stem)
    elif len("".join(words)) > 1:
        yield words


def _spoken(point: datetime | int | None, grain: Grain, value: Any) -> Iterator[str]:
    """The ways to say a time: 2024-05-01, May 2024, May 1, 2024."""
    yield str(value)
    if not isinstance(point, datetime):
        return
    if grain == Grain.YEAR:
        yield str(point.year)
    elif grain == Grain.QUARTER:
        quarter = (point.month + 2) // 3
        yield from (f"Q{quarter} {point.year}", f"{point.year} Q{quarter}")
    else:
        if grain == Grain.MONTH or point.day == 1:
            yield from (f"{point:%B} {point.year}", f"{point:%b} {point.year}", f"{point:%Y-%m}")
        if grain != Grain.MONTH:
            for month in (f"{point:%B}", f"{point:%b}"):
                yield from (
                    f"{month} {point.day} {point.year}",
                    f"{point.day} {month} {point.year}",
                    f"{month} {point.day}",
                )
            yield f"{point:%Y-%m-%d}"


def _runs_forward(column: ChartColumn) -> bool:
    points = column.times.points if column.times else ()
    moments = [point for point in points if isinstance(point, datetime)]
    return len(moments) > 1 and all(one <= two for one, two in pairwise(moments))
