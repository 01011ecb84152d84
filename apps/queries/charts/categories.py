"""Bars and slices: one for each category, and categories split into series."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from apps.clarification.previews import shown
from apps.queries.charts.columns import ChartColumn
from apps.queries.charts.fitting import MOST_SERIES
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.marks import MOST_CATEGORIES, Filled, Mark, exact, places_of, size, total_of
from apps.queries.charts.material import Plan


def filled_categories(plan: Plan, by: str, truncated: bool) -> Filled:
    """One bar or slice a row; beyond thirty the first ones, and one for the others where they add up."""
    assert plan.x is not None
    [measure] = plan.measures
    texts = plan.x.labels
    marks: list[Mark] = [
        {"x": texts[row], "y": number, "text": exact(measure, row)} for row, number in enumerate(measure.numbers)
    ]
    places = places_of(plan.x, by, measure)
    marks = [marks[row] for row in places]
    caption = ""
    if len(marks) > MOST_CATEGORIES:
        marks, caption = _cut(marks, measure, by, truncated, places)
    return Filled(tuple(marks), tuple(mark["x"] for mark in marks), caption=caption)


def _cut(
    marks: list[Mark], measure: ChartColumn, by: str, truncated: bool, places: Sequence[int]
) -> tuple[list[Mark], str]:
    descends = all(size(one) >= size(later) for one, later in pairwise(marks))
    which = "largest" if descends else "first"
    is_whole = not truncated and not measure.is_signed and not measure.has_undrawable
    if not (descends and measure.adds_up and is_whole):
        left = len(marks) - MOST_CATEGORIES
        return marks[:MOST_CATEGORIES], f"The {which} {MOST_CATEGORIES} of {len(marks):,}; {left:,} more are not shown."
    kept = marks[: MOST_CATEGORIES - 1]
    rest = [measure.values[row] for row in places[len(kept) :]]
    total = total_of(rest)
    label = f"Others ({len(rest):,})"
    folded = {"x": label, "y": float(total), "text": shown(total), "rest": True}
    return [*kept, folded], f"The {which} {len(kept)} of {len(marks):,}; the others together."


def filled_series(plan: Plan, by: str, truncated: bool) -> Filled:
    """A mark for each label and series; too many series are cut to the largest, or folded where they add up."""
    assert plan.x is not None
    marks = _series_marks(plan)
    sizes: dict[str, float] = defaultdict(float)
    for mark in marks:
        sizes[mark["series"]] += abs(size(mark))
    ranked = sorted(sizes, key=lambda name: -sizes[name])
    series = _series_order(plan, ranked)
    caption = ""
    if len(ranked) > MOST_SERIES:
        folds = plan.measures[0].adds_up and plan.kind in (ChartKind.STACKED_BAR, ChartKind.AREA) and not truncated
        kept = ranked[: MOST_SERIES - folds]
        marks, series = _cut_series(marks, kept, folds), [name for name in series if name in kept]
        left = len(ranked) - len(kept)
        rest = "the others together" if folds else f"{left:,} more are not shown"
        caption = f"The largest {len(kept)} of {len(ranked):,}; {rest}."
        series += [f"Others ({left:,})"] if folds else []
    order = _order_of_series(plan, marks, by)
    return Filled(tuple(marks), tuple(order), tuple(series), caption)


def _series_marks(plan: Plan) -> list[Mark]:
    assert plan.x is not None
    labels = plan.x.labels
    if plan.series is None:
        return [
            {"x": labels[row], "y": number, "text": exact(measure, row), "series": measure.title, "row": row}
            for measure in plan.measures
            for row, number in enumerate(measure.numbers)
        ]
    [measure] = plan.measures
    return [
        {"x": labels[row], "y": number, "text": exact(measure, row), "series": plan.series.labels[row], "row": row}
        for row, number in enumerate(measure.numbers)
    ]


def _series_order(plan: Plan, ranked: list[str]) -> list[str]:
    """Times in their order, measures in the result's, names by size."""
    if plan.series is None:
        return [measure.title for measure in plan.measures]
    if plan.series.times is not None:
        places = places_of(plan.series, "none")
        return list(dict.fromkeys(plan.series.labels[row] for row in places))
    return ranked


def _cut_series(marks: list[Mark], kept: Sequence[str], folds: bool) -> list[Mark]:
    shown_marks = [mark for mark in marks if mark["series"] in kept]
    if not folds:
        return shown_marks
    rest: dict[str, list[Mark]] = defaultdict(list)
    names = {mark["series"] for mark in marks} - set(kept)
    for mark in marks:
        if mark["series"] in names:
            rest[mark["x"]].append(mark)
    for label, ones in rest.items():
        total = math.fsum(size(mark) for mark in ones)
        text = f"{len(ones):,} together"
        shown_marks.append({**ones[0], "x": label, "y": total, "text": text, "series": f"Others ({len(names):,})"})
    return shown_marks


def _order_of_series(plan: Plan, marks: Sequence[Mark], by: str) -> list[str]:
    assert plan.x is not None
    if plan.x.times is not None or by != "value":
        places = places_of(plan.x, by)
        return list(dict.fromkeys(plan.x.labels[row] for row in places))
    sums: dict[str, float] = defaultdict(float)
    for mark in marks:
        sums[mark["x"]] += size(mark)
    return sorted(sums, key=lambda label: -sums[label])
