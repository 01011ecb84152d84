"""Filling a plan: its marks in their order, with what each kind needs beside the numbers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from apps.queries.charts.categories import filled_categories, filled_series
from apps.queries.charts.columns import ChartColumn
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.marks import Filled, Mark, exact, instant, size
from apps.queries.charts.material import Plan
from apps.queries.charts.points import filled_bins, filled_points, thinned

TRUNCATED = "The result was cut off: only the rows that came are drawn."


def filled(plan: Plan, by: str, *, truncated: bool) -> Filled:
    """The marks of this plan; `by` sorts its categories: `value`, `label` or `none` (as the rows come)."""
    made = _filled(plan, by, truncated)
    caption = " ".join(part for part in (made.caption, TRUNCATED if truncated else "") if part)
    return replace(made, caption=caption)


def _filled(plan: Plan, by: str, truncated: bool) -> Filled:
    match plan.kind:
        case ChartKind.NUMBER:
            return _number(plan)
        case ChartKind.PIE:
            return _slices(filled_categories(plan, "label" if by == "label" else "value", truncated))
        case ChartKind.BAR:
            return filled_categories(plan, by, truncated)
        case ChartKind.GROUPED_BAR | ChartKind.STACKED_BAR:
            return _placed(filled_series(plan, by, truncated))
        case ChartKind.LINE | ChartKind.AREA:
            return _along_time(plan, by, truncated)
        case ChartKind.HISTOGRAM:
            return filled_bins(plan)
        case _:
            return filled_points(plan)


def _number(plan: Plan) -> Filled:
    """The value as the answer writes it, drawn as text: a picture must not round what the sentence says exactly."""
    [measure] = plan.measures
    under = measure.title if plan.x is None else f"{measure.title}, {plan.x.labels[0]}"
    return Filled(({"x": under, "y": None, "text": exact(measure, 0) or "no value"},))


def _slices(made: Filled) -> Filled:
    """Slices know their share and on which side of the circle their name stands."""
    total = sum(size(mark) for mark in made.marks)
    done, slices = 0.0, []
    for row, mark in enumerate(made.marks):
        share = size(mark) / total
        name = f"{mark['x']}: {mark['text']} ({share:.1%})"
        slices.append({**mark, "row": row, "middle": done + share / 2, "name": name})
        done += share
    return replace(made, marks=tuple(slices))


def _placed(made: Filled) -> Filled:
    """Stacks are built in the legend's order."""
    places = {name: at for at, name in enumerate(made.series)}
    marks = [{**mark, "label": mark["x"], "place": places[mark["series"]]} for mark in made.marks]
    return replace(made, marks=tuple(_without_row(marks)))


def _along_time(plan: Plan, by: str, truncated: bool) -> Filled:
    """Marks in the order of time; where times are moments, at their distance from each other."""
    assert plan.x is not None
    assert plan.x.times is not None
    made = filled_series(plan, by, truncated)
    points = plan.x.times.points
    places = {label: at for at, label in enumerate(made.order)}
    marks = [
        {**mark, "label": mark["x"], "x": instant(point) if isinstance(point, datetime) else mark["x"]}
        for mark in sorted(made.marks, key=lambda mark: places[mark["x"]])
        if (point := points[mark["row"]]) is not None
    ]
    has_series = plan.series is not None or len(plan.measures) > 1
    marks, caption = _thin(marks)
    if not has_series:
        marks = [{**mark, "series": plan.measures[0].title} for mark in marks]
    caption = " ".join(part for part in (made.caption, caption, _untimed(plan.x)) if part)
    return Filled(tuple(_without_row(marks)), made.order, made.series if has_series else (), caption)


def _thin(marks: list[Mark]) -> tuple[list[Mark], str]:
    """Each series is thinned by itself."""
    kept: list[Mark] = []
    captions: dict[str, None] = {}
    for series in dict.fromkeys(mark["series"] for mark in marks):
        few, caption = thinned([mark for mark in marks if mark["series"] == series])
        kept += few
        captions |= {caption: None} if caption else {}
    return kept, " ".join(captions)


def _untimed(x: ChartColumn) -> str:
    missing = sum(value is None for value in x.values)
    return f"{missing:,} {'row' if missing == 1 else 'rows'} without a time." if missing else ""


def _without_row(marks: Iterable[Mark]) -> list[Mark]:
    return [{name: value for name, value in mark.items() if name != "row"} for mark in marks]
