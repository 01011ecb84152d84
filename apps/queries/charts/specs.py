"""A plan and its marks as Vega-Lite, built and checked by altair.

Every field has a neutral name: a column called "a.b" or "x[0]" would mean a path to Vega-Lite, and words of columns
and rows stand only where Vega-Lite takes plain text.
"""

import math
import textwrap
from collections.abc import Callable
from typing import Any

import altair as alt

from apps.queries.charts import style
from apps.queries.charts.axes import number_axis
from apps.queries.charts.channels import (
    categories,
    color_scale,
    colors,
    legend,
    starts_at_zero,
    times,
    tooltips,
    value_title,
)
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.marks import Filled
from apps.queries.charts.material import Plan

LONGEST_BAR_TEXT = 16
MOST_POINTS_WITH_DOTS = 60
MOST_COLUMNS = 31
FEW_COLUMNS = 14


def spec_of(plan: Plan, filled: Filled, title: str) -> dict[str, Any]:
    """The whole specification, with its data. A mistake of ours raises SchemaValidationError."""
    chart = _BUILDERS[plan.kind](plan, filled)
    lines = textwrap.wrap(title, style.TITLE_CHARACTERS) or [""]
    subtitle = textwrap.wrap(filled.caption, style.TITLE_CHARACTERS + 12)
    heading = alt.TitleParams(lines, anchor="start", frame="group", offset=14, subtitle=subtitle or alt.Undefined)
    whole = chart.properties(
        data=alt.Data(values=list(filled.marks)), title=heading, description=f"{plan.kind.words.capitalize()}: {title}",
        config=style.config(), padding=_padding(filled),
    )  # fmt: skip
    spec: dict[str, Any] = whole.to_dict()
    return spec


def _number(plan: Plan, filled: Filled) -> Any:
    big = alt.Chart().mark_text(fontSize=42, align="center", color=style.INK).encode(text="text:N")
    if plan.x is None and not plan.measures[0].title:
        return big.properties(width=style.WIDTH, height=80)
    under = alt.Chart().mark_text(fontSize=14, align="center", dy=40, color=style.QUIET).encode(text="x:N")
    return alt.layer(big, under).properties(width=style.WIDTH, height=110)


def _bar(plan: Plan, filled: Filled) -> Any:
    """Lying bars with their numbers at the end; over time, standing ones."""
    assert plan.x is not None
    [measure] = plan.measures
    is_upright = plan.x.times is not None and len(filled.order) <= MOST_COLUMNS
    along, across = (alt.X, alt.Y) if is_upright else (alt.Y, alt.X)
    # Room beyond the bars on either side, so that a number never stands on a label.
    scale = alt.Scale(padding=48) if measure.is_signed and not is_upright else alt.Undefined
    value = across(
        field="y", type="quantitative", title=measure.title, axis=number_axis(plan, filled), scale=scale
    )  # fmt: skip
    color = alt.condition("datum.rest", alt.value(style.OTHERS), alt.value(style.PALETTE[0]))
    tooltip = [alt.Tooltip("x:N", title=plan.x.title), alt.Tooltip("text:N", title=measure.title)]
    mark = alt.Chart().mark_bar(size=min(60, 360 // len(filled.order))) if is_upright else alt.Chart().mark_bar()
    bars = mark.encode(categories(along, plan, filled), value, color=color, tooltip=tooltip)
    if is_upright:
        return bars.properties(width=style.WIDTH, height=style.HEIGHT)
    if max((len(mark["text"]) for mark in filled.marks), default=0) <= LONGEST_BAR_TEXT:
        bars = alt.layer(bars, _bar_ends(plan, filled))
    return bars.properties(width=style.WIDTH, height=alt.Step(style.BAR_STEP))


def _bar_ends(plan: Plan, filled: Filled) -> Any:
    """The exact number at the end of each bar, outside of it on either side of zero."""
    text = alt.Chart().mark_text(
        fontSize=11, color=style.QUIET, baseline="middle",
        align=alt.expr("datum.y < 0 ? 'right' : 'left'"), dx=alt.expr("datum.y < 0 ? -4 : 4"),
    )  # fmt: skip
    return text.encode(y=categories(alt.Y, plan, filled), x=alt.X("y:Q"), text="text:N")


def _split_bars(plan: Plan, filled: Filled) -> Any:
    assert plan.x is not None
    is_stacked = plan.kind == ChartKind.STACKED_BAR
    is_upright = plan.x.times is not None and len(filled.order) <= FEW_COLUMNS
    along, across, offset = (alt.X, alt.Y, alt.XOffset) if is_upright else (alt.Y, alt.X, alt.YOffset)
    value = across(
        field="y", type="quantitative", title=value_title(plan), axis=number_axis(plan, filled),
        stack="zero" if is_stacked else None,
    )  # fmt: skip
    places = [categories(along, plan, filled), value]
    if not is_stacked:
        places.append(offset(field="series", type="nominal", sort=list(filled.series)))
    mark = alt.Chart().mark_bar(stroke="white", strokeWidth=0.5)
    encoded = mark.encode(
        *places,
        color=colors(plan, filled),
        order=alt.Order("place:Q") if is_stacked else alt.Undefined,
        tooltip=tooltips(plan),
    )
    if is_upright:
        return encoded.properties(width=style.WIDTH, height=style.HEIGHT)
    height = alt.Step(style.BAR_STEP) if is_stacked else alt.Step(style.GROUP_STEP, **{"for": "offset"})
    return encoded.properties(width=style.WIDTH, height=height)


def _line(plan: Plan, filled: Filled) -> Any:
    assert plan.x is not None
    is_area = plan.kind == ChartKind.AREA
    value = alt.Y(
        field="y", type="quantitative", title=value_title(plan), axis=number_axis(plan, filled),
        **({"stack": "zero"} if is_area else {"scale": alt.Scale(zero=starts_at_zero(filled))}),
    )  # fmt: skip
    several = {}
    if filled.series:
        several["color"] = colors(plan, filled)
    if filled.series and not is_area:
        several["strokeDash"] = alt.StrokeDash(
            field="series", type="nominal", sort=list(filled.series), legend=legend(plan, filled),
            scale=alt.Scale(domain=list(filled.series), range=style.DASHES[: len(filled.series)]),
        )  # fmt: skip
    has_dots = len({mark["x"] for mark in filled.marks}) <= MOST_POINTS_WITH_DOTS
    base = alt.Chart()
    if is_area:
        mark = base.mark_area(opacity=0.85, line=True, color=style.PALETTE[0])
    else:
        mark = base.mark_line(point={"size": 36} if has_dots else False, color=style.PALETTE[0], strokeWidth=2)
    encoded = mark.encode(x=times(plan, filled), y=value, tooltip=tooltips(plan), **several)
    return encoded.properties(width=style.WIDTH, height=style.HEIGHT)


def _scatter(plan: Plan, filled: Filled) -> Any:
    across, up = plan.measures
    places = {
        name: channel(
            field=name, type="quantitative", title=column.title, axis=number_axis(plan, filled, name),
            scale=alt.Scale(zero=False),
        )
        for name, channel, column in (("x", alt.X, across), ("y", alt.Y, up))
    }  # fmt: skip
    several = {}
    if plan.series is not None:
        several = {
            "color": colors(plan, filled),
            "shape": alt.Shape(
                field="series", type="nominal", sort=list(filled.series), legend=legend(plan, filled),
                scale=alt.Scale(domain=list(filled.series), range=list(style.SHAPES[: len(filled.series)])),
            ),
        }  # fmt: skip
    tooltip = [alt.Tooltip("text:N", title=f"{across.title}, {up.title}")]
    points = (
        alt.Chart()
        .mark_point(opacity=0.7, size=40, color=style.PALETTE[0])
        .encode(**places, **several, tooltip=tooltip)
    )
    return points.properties(width=style.WIDTH, height=style.HEIGHT + 60)


def _pie(plan: Plan, filled: Filled) -> Any:
    """Slices clockwise from the left, where the smallest end: there their names stand one above the other.

    Each is named beside it, so that nobody has to match colours with a legend.
    """
    assert plan.x is not None
    theta = alt.Theta("y:Q", stack=True, scale=alt.Scale(range=[-math.pi / 2, 3 * math.pi / 2]))
    order = alt.Order("row:Q")
    color = alt.Color("x:N", sort=list(filled.order), legend=None, scale=color_scale(filled.order))
    tooltip = [alt.Tooltip("x:N", title=plan.x.title), alt.Tooltip("text:N", title=plan.measures[0].title)]
    slices = alt.Chart().mark_arc(outerRadius=110, stroke="white", strokeWidth=1.5)
    names = alt.Chart().mark_text(
        radius=122, fontSize=12, fill=style.INK, align=alt.expr(_SIDE), baseline="middle", limit=200
    )
    return alt.layer(
        slices.encode(theta=theta, order=order, color=color, tooltip=tooltip),
        names.encode(theta=theta, order=order, text="name:N", detail="x:N"),
    ).properties(width=style.WIDTH, height=style.HEIGHT)


# A text ends at the circle on its left half and begins there on its right one; `middle` is the slice's, in turns.
_SIDE = "datum.middle > 0.25 && datum.middle < 0.75 ? 'left' : 'right'"


def _histogram(plan: Plan, filled: Filled) -> Any:
    [measure] = plan.measures
    bars = alt.Chart().mark_bar(color=style.PALETTE[0], stroke="white", strokeWidth=0.5)
    encoded = bars.encode(
        x=alt.X("x:Q", bin="binned", title=measure.title, axis=number_axis(plan, filled, "x")),
        x2="x2", y=alt.Y("y:Q", title="number of rows", axis=alt.Axis(tickMinStep=1, format=",d")),
        tooltip=[alt.Tooltip("text:N", title=measure.title)],
    )  # fmt: skip
    return encoded.properties(width=style.WIDTH, height=style.HEIGHT)


def _padding(filled: Filled) -> dict[str, int]:
    """More room on the left for long labels: a browser without our font draws them wider than they were measured."""
    longest = max((len(label) for label in filled.order), default=0)
    return {"left": 12 + min(longest, 36), "right": 24, "top": 12, "bottom": 12}


_BUILDERS: dict[ChartKind, Callable[[Plan, Filled], Any]] = {
    ChartKind.NUMBER: _number,
    ChartKind.BAR: _bar,
    ChartKind.GROUPED_BAR: _split_bars,
    ChartKind.STACKED_BAR: _split_bars,
    ChartKind.LINE: _line,
    ChartKind.AREA: _line,
    ChartKind.SCATTER: _scatter,
    ChartKind.PIE: _pie,
    ChartKind.HISTOGRAM: _histogram,
}
