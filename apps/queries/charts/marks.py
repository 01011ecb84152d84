"""The marks of a chart: what each bar, point or slice stands for. The rows are the only source of numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apps.clarification.previews import shown
from apps.queries.charts.columns import ChartColumn

MOST_CATEGORIES = 30
MOST_POINTS = 1_000

Mark = dict[str, Any]
"""`x` and `y` for the picture, `text` the number as the answer writes it, `series` where there are several."""


@dataclass(frozen=True)
class Filled:
    """The marks of a chart, the orders of its axis and its legend, and in `caption` what is not shown."""

    marks: tuple[Mark, ...]
    order: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    caption: str = ""


def exact(column: ChartColumn, row: int) -> str:
    """A cell as the answer writes it."""
    return shown(column.values[row])


def size(mark: Mark) -> float:
    """What the mark's number weighs in an order; a missing one weighs nothing."""
    return float(mark["y"] or 0)


def total_of(values: Sequence[Any]) -> Any:
    """The exact sum of numbers as a result holds them; floats are added as floats, the rest as decimals."""
    present = [value for value in values if value is not None]
    if any(isinstance(value, float) for value in present):
        return math.fsum(float(value) for value in present)
    total = sum((Decimal(value) for value in present), Decimal(0))
    return int(total) if all(isinstance(value, int) for value in present) else total


def places_of(column: ChartColumn, by: str, measure: ChartColumn | None = None) -> list[int]:
    """The rows in the order of the axis: times run forward; labels by `value`, by `label`, or as the rows come."""
    rows = list(range(len(column.values)))
    if column.times is not None:
        points = column.times.points
        return sorted(rows, key=lambda row: (points[row] is None, _rank(points[row])))
    if by == "label" and column.numbers:
        return sorted(rows, key=lambda row: math.inf if (number := column.numbers[row]) is None else number)
    if by == "label":
        return sorted(rows, key=lambda row: (column.values[row] is None, column.labels[row].casefold()))
    if by == "value" and measure is not None:
        numbers = measure.numbers
        return sorted(rows, key=lambda row: -math.inf if (number := numbers[row]) is None else number, reverse=True)
    return rows


def is_sorted_by(measure: ChartColumn) -> bool:
    """Do the rows come by this measure, up or down? Then their order is the answer's own."""
    numbers = [number for number in measure.numbers if number is not None]
    pairs = list(pairwise(numbers))
    return all(one >= two for one, two in pairs) or all(one <= two for one, two in pairs)


def instant(point: datetime) -> str:
    """A time as the axis reads it; always UTC, so that no server's zone moves a day."""
    return point.isoformat(timespec="seconds") + "Z"


def _rank(point: datetime | int | None) -> float:
    if isinstance(point, datetime):
        return point.toordinal() * 86_400.0 + point.hour * 3600 + point.minute * 60 + point.second
    return float(point or 0)
