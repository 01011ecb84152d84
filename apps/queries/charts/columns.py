"""What each column of a result is for a chart: a measure, a time, a label, a key, or nothing to draw."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from apps.clarification.previews import shown
from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType
from apps.queries.charts.times import Grain, Times, joined, times_of
from apps.queries.charts.units import adds_up, drawable, quantity, titled, unit_of, words_of

MOST_LABEL_CHARACTERS, KEPT_AT_END = 38, 12
MOST_STEPS = 30
NONE, EMPTY = "(none)", "(empty)"
_KEY_WORDS = {"id", "key", "code", "uuid", "guid", "zip", "zipcode", "postcode", "phone", "isbn", "ssn", "no", "nr"}
_NOT_DRAWN = {ColumnType.JSON, ColumnType.BINARY, ColumnType.ARRAY}


class Role(StrEnum):
    MEASURE = "measure"
    TIME = "time"
    LABEL = "label"
    KEY = "key"
    NOTHING = "nothing"


@dataclass(frozen=True, eq=False)  # itself, whatever its cells: not all of them can be compared
class ChartColumn:
    """A column with its role. `values` are the result's own; `numbers` and `times` stand row by row beside them."""

    name: str
    type: ColumnType
    role: Role
    values: tuple[Any, ...]
    unit: str = ""
    adds_up: bool = False
    numbers: tuple[float | None, ...] = ()
    times: Times | None = None

    @cached_property
    def title(self) -> str:
        return titled(self.name, self.unit)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The values as the chart writes them."""
        return _apart(self.values)

    @cached_property
    def distinct(self) -> int:
        return len(set(self.labels))

    @cached_property
    def is_signed(self) -> bool:
        """Does it hold a negative number?"""
        return any(number is not None and number < 0 for number in self.numbers)

    @property
    def is_ordinal(self) -> bool:
        """Numbers that name steps of a scale: ages beside how many people have them."""
        return self.role == Role.LABEL and bool(self.numbers)

    @property
    def has_undrawable(self) -> bool:
        """Does it hold a number that no float holds? Then no sum of it is drawn."""
        return any(
            number is None and value is not None for number, value in zip(self.numbers, self.values, strict=True)
        )

    @property
    def is_cycle(self) -> bool:
        return self.times is not None and self.times.grain == Grain.CYCLE


def label_of(value: Any) -> str:
    """A value as a category: one short line, also where it is missing."""
    if value is None:
        return NONE
    if isinstance(value, bytes):
        return "(bytes)"
    text = " ".join(shown(value).split()) if not isinstance(value, int) or isinstance(value, bool) else str(value)
    text = "".join(character for character in text if character.isprintable())
    if len(text) > MOST_LABEL_CHARACTERS:
        return f"{text[: MOST_LABEL_CHARACTERS - KEPT_AT_END - 1]}…{text[-KEPT_AT_END:]}"  # names differ at their ends
    return text or EMPTY


def _apart(values: Sequence[Any]) -> tuple[str, ...]:
    """Labels that stay apart: shortening may make two the same, and one bar may not stand for both."""
    of_text: dict[str, str] = {}
    taken: dict[str, int] = {}
    for value in values:
        text = "\0" if value is None else shown(value)
        if text not in of_text:
            label = label_of(value)
            taken[label] = taken.get(label, 0) + 1
            of_text[text] = label if taken[label] == 1 else f"{label} ({taken[label]})"
    return tuple(of_text["\0" if value is None else shown(value)] for value in values)


def columns_of(result: ResultSet, question_asks_for_totals: bool = False) -> list[ChartColumn]:
    """The result's columns with their roles; a year beside a month or quarter becomes one time."""
    values = list(zip(*result.rows, strict=True)) or [()] * len(result.columns)
    read = [_column(column, one, question_asks_for_totals) for column, one in zip(result.columns, values, strict=True)]
    return _with_ordinal_labels(_with_joined_times(read))


def _column(column: ResultColumn, values: tuple[Any, ...], asks_for_totals: bool) -> ChartColumn:
    name, kind = column.name, column.type
    if kind in _NOT_DRAWN:
        return ChartColumn(name, kind, Role.NOTHING, values)
    if (times := times_of(name, kind, values)) is not None:
        return ChartColumn(name, kind, Role.TIME, values, times=times)
    if kind == ColumnType.UUID or _is_key(name):
        return ChartColumn(name, kind, Role.KEY, values)
    if (numbers := _numbers(kind, values)) is not None:
        return ChartColumn(
            name, kind, Role.MEASURE, values, unit=unit_of(name, values), numbers=numbers,
            adds_up=adds_up(name, asks_for_totals),
        )  # fmt: skip
    return ChartColumn(name, kind, Role.LABEL, values)


def _is_key(name: str) -> bool:
    words = words_of(name)
    return bool(words) and (words[-1] in _KEY_WORDS or (bool(re.fullmatch(r"[a-z]+id", name)) and name != "paid"))


def _numbers(kind: ColumnType, values: Sequence[Any]) -> tuple[float | None, ...] | None:
    """The values as floats for the picture, None where one is missing or not finite; None unless all are numbers."""
    present = [value for value in values if value is not None]
    if kind.is_number and not present:
        return (None,) * len(values)
    if present and all(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in present):
        return tuple(drawable(value) for value in values)
    if present and all(isinstance(value, str) and quantity(value) is not None for value in present):
        return tuple(None if value is None else drawable(quantity(value)) for value in values)
    return None


def _with_joined_times(columns: list[ChartColumn]) -> list[ChartColumn]:
    times = [one for one in columns if one.times is not None]
    years = [one for one in times if one.times and one.times.grain == Grain.YEAR]
    parts = [one for one in times if one.is_cycle and words_of(one.name)[-1:] in (["month"], ["quarter"])]
    if len(years) != 1 or len(parts) != 1 or len(times) != 2:
        return columns
    [year], [part] = years, parts
    assert year.times is not None
    assert part.times is not None
    places = 12 if words_of(part.name)[-1] == "month" else 4
    values = tuple(
        None if one is None or other is None else f"{label_of(one)}, {label_of(other)}"
        for one, other in zip(year.values, part.values, strict=True)
    )
    both = ChartColumn(
        part.name, ColumnType.DATE, Role.TIME, values, times=joined(year.times, part.times, places)
    )  # fmt: skip
    return [both if one is part else one for one in columns if one is not year]


def _with_ordinal_labels(columns: list[ChartColumn]) -> list[ChartColumn]:
    """A few whole numbers, each once, before a count are the steps that it counts (how many for each rating)."""
    measures = [one for one in columns if one.role == Role.MEASURE]
    if len(measures) != 2 or any(one.role in (Role.LABEL, Role.TIME) for one in columns):
        return columns
    steps, count = measures
    is_scale = steps.type == ColumnType.INTEGER and not steps.unit and not _says_sum(steps.name)
    if not is_scale or not count.adds_up or not 2 <= len(set(steps.numbers)) == len(steps.values) <= MOST_STEPS:
        return columns
    return [replace(one, role=Role.LABEL, adds_up=False) if one is steps else one for one in columns]


def _says_sum(name: str) -> bool:
    return adds_up(name, question_asks_for_totals=False)
