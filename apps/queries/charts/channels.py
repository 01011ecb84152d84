"""The channels of a chart: where a mark stands, its colour, its legend, what is said when one points at it."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt

from apps.queries.charts import style
from apps.queries.charts.axes import time_axis
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.marks import Filled
from apps.queries.charts.material import Plan


def categories(channel: Callable[..., Any], plan: Plan, filled: Filled) -> Any:
    """Labels in the order of the marks; slanted where they would not fit side by side."""
    assert plan.x is not None
    angle = -40 if channel is alt.X and _is_long(filled) else 0
    # A lying title above the labels of bars: beside them it would stand on those that are drawn wider than measured.
    above = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "start", "titleX": 6, "titleY": -7}
    axis = alt.Axis.from_dict({"labelOverlap": False, "labelAngle": angle, **(above if channel is alt.Y else {})})
    return channel(field="x", type="nominal", sort=list(filled.order), title=plan.x.title, axis=axis)


def times(plan: Plan, filled: Filled) -> Any:
    """Moments at their distance from each other; weekdays and months without a year as labels."""
    assert plan.x is not None
    if plan.x.is_cycle or plan.x.times is None:
        return categories(alt.X, plan, filled)
    return alt.X(
        field="x", type="temporal", title=plan.x.title, scale=alt.Scale(type="utc"), axis=time_axis(plan.x.times)
    )  # fmt: skip


def colors(plan: Plan, filled: Filled) -> Any:
    """A colour for each series, the same in the legend."""
    return alt.Color(
        field="series",
        type="nominal",
        sort=list(filled.series),
        legend=legend(plan, filled),
        scale=color_scale(filled.series),
    )


def color_scale(names: Sequence[str]) -> Any:
    """Names to colours; what is folded together is grey."""
    colors = [
        style.OTHERS if name.startswith("Others (") else style.PALETTE[at % len(style.PALETTE)]
        for at, name in enumerate(names)
    ]
    return alt.Scale(domain=list(names), range=colors)


def legend(plan: Plan, filled: Filled) -> Any:
    """Above the chart, in as many columns as fit."""
    longest = max((len(name) for name in filled.series), default=0)
    columns = max(1, min(4, style.WIDTH // (7 * min(longest, 26) + 40)))
    title = plan.series.title if plan.series else None
    offset = 12 if plan.kind in (ChartKind.LINE, ChartKind.AREA, ChartKind.SCATTER) else 28  # over the lying title
    symbol = "stroke" if plan.kind == ChartKind.LINE else alt.Undefined
    return alt.Legend(
        title=title, columns=columns, symbolStrokeWidth=2, symbolSize=140, symbolType=symbol, offset=offset
    )


def tooltips(plan: Plan) -> list[Any]:
    """The exact number with its place and series."""
    assert plan.x is not None
    return [
        alt.Tooltip("label:N", title=plan.x.title),
        alt.Tooltip("series:N", title=plan.series.title if plan.series else "measure"),
        alt.Tooltip("text:N", title=value_title(plan)),
    ]


def value_title(plan: Plan) -> str:
    """The measure with its unit, or what the names of several measures share ("sales" of 2023 and 2024)."""
    if len(plan.measures) == 1:
        return plan.measures[0].title
    first, *others = (one.title.split() for one in plan.measures)
    shared = [word for word in first if all(word in other for other in others)]
    return " ".join(shared) or plan.measures[0].unit or "value"


def starts_at_zero(filled: Filled) -> bool:
    """Lines may leave zero out where it would flatten them; bars and areas never do."""
    numbers = [mark["y"] for mark in filled.marks if mark["y"] is not None]
    return not numbers or min(numbers) <= 0 or max(numbers) > 1.5 * min(numbers)


def _is_long(filled: Filled) -> bool:
    longest = max((len(label) for label in filled.order), default=0)
    return longest * len(filled.order) * 8 > style.WIDTH
