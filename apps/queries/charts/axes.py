"""Axes: numbers with separators and units, times at their own grain."""

from datetime import UTC, datetime
from typing import Any

import altair as alt

from apps.queries.charts.marks import Filled
from apps.queries.charts.material import Plan
from apps.queries.charts.times import Grain, Times

MOST_TICKS = 12
LARGE, TINY = 1e6, 1e-3
_FORMATS = {Grain.YEAR: "%Y", Grain.QUARTER: "Q%q %Y", Grain.MONTH: "%b %Y", Grain.DAY: "%b %-d, %Y"}


def number_axis(plan: Plan, filled: Filled, field: str = "y") -> Any:
    """1,200 as it is, 3.2M and 1.5B for large numbers, powers where nothing else fits, percent signs."""
    sizes = [abs(mark[field]) for mark in filled.marks if mark.get(field) is not None]
    largest = max(sizes, default=0)
    measure = plan.measures[0 if field == "x" or len(plan.measures) == 1 else -1]
    options: dict[str, Any] = {"tickCount": 6}
    if all(size == int(size) for size in sizes) and largest <= 10:
        options["tickMinStep"] = 1
    if largest >= 1e15 or 0 < largest < TINY:
        return alt.Axis(labelExpr="datum.value == 0 ? '0' : format(datum.value, '.2~e')", **options)
    if largest >= LARGE:
        return alt.Axis(labelExpr="replace(format(datum.value, '.4~s'), 'G', 'B')", **options)
    if measure.unit == "%":
        return alt.Axis(labelExpr="format(datum.value, ',') + '%'", **options)
    return alt.Axis(format=",.6~f" if largest < 1 else ",~f" if largest < 100 else ",.1~f", **options)


def time_axis(times: Times) -> Any:
    """Labels on the very times that are there while those are few, or whole years, quarters and months."""
    points = sorted({point for point in times.points if isinstance(point, datetime)})
    grain = _shown_grain(times.grain, points)
    if grain == Grain.MOMENT or (grain == Grain.DAY and len(points) > MOST_TICKS):
        return alt.Axis(labelOverlap=True, labelAngle=0, tickCount=8)
    step = -(-len(points) // MOST_TICKS)
    ticks = [int(point.replace(tzinfo=UTC).timestamp() * 1000) for point in points[::step]]
    angle = -40 if len(ticks) > 7 and grain != Grain.YEAR else 0
    return alt.Axis(values=ticks, format=_FORMATS[grain], labelOverlap=True, labelAngle=angle)


def _shown_grain(grain: Grain, points: list[datetime]) -> Grain:
    """Dates that are all the first of a month, or of a year, are said as such."""
    if grain != Grain.DAY or len(points) < 2 or any(point.day != 1 for point in points):
        return grain
    return Grain.YEAR if all(point.month == 1 for point in points) else Grain.MONTH
