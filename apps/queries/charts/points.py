"""Points, lines and bins: marks whose place is a number or a time."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from apps.queries.charts.marks import MOST_POINTS, Filled, Mark, exact, size
from apps.queries.charts.material import Plan

MOST_BINS = 20


def filled_points(plan: Plan) -> Filled:
    """A point a row that has both numbers; of very many, evenly chosen ones."""
    across, up = plan.measures
    rows = [row for row, pair in enumerate(zip(across.numbers, up.numbers, strict=True)) if None not in pair]
    kept = _evenly(rows)
    marks: list[Mark] = []
    for row in kept:
        mark: Mark = {"x": across.numbers[row], "y": up.numbers[row], "text": f"{exact(across, row)}, {exact(up, row)}"}
        marks.append(mark | ({"series": plan.series.labels[row]} if plan.series else {}))
    series = tuple(sorted({mark["series"] for mark in marks})) if plan.series else ()
    missing = len(across.numbers) - len(rows)
    return Filled(tuple(marks), series=series, caption=_sentences(_drawn_of(kept, rows), _without_number(missing)))


def filled_bins(plan: Plan) -> Filled:
    """How many rows fall between round bounds."""
    [measure] = plan.measures
    numbers = [number for number in measure.numbers if number is not None]
    whole = all(number == int(number) for number in numbers)
    step = bin_width(min(numbers), max(numbers), len(numbers), whole=whole)
    first = math.floor(min(numbers) / step)
    counts: dict[int, int] = defaultdict(int)
    for number in numbers:
        counts[math.floor(number / step) - first] += 1
    marks = []
    for place in range(max(counts) + 1):
        start, end = (first + place) * step, (first + place + 1) * step
        text = f"{start:,.10g} to below {end:,.10g}: {counts[place]:,}"
        marks.append({"x": start, "x2": end, "y": counts[place], "text": text})
    missing = _without_number(len(measure.numbers) - len(numbers))
    return Filled(tuple(marks), caption=missing)


def bin_width(least: float, most: float, count: int, *, whole: bool) -> float:
    """A round width that makes at most MOST_BINS bins, by Sturges' rule; whole numbers keep whole bounds."""
    bins = min(MOST_BINS, math.ceil(math.log2(count)) + 1)
    rough = most / bins - least / bins
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return max(step, 1.0) if whole else step


def thinned(marks: Sequence[Mark]) -> tuple[tuple[Mark, ...], str]:
    """A long line's marks: of each stretch the lowest and the highest, so that no peak is lost."""
    if len(marks) <= MOST_POINTS:
        return tuple(marks), ""
    length = math.ceil(len(marks) / (MOST_POINTS / 2))
    kept = []
    for start in range(0, len(marks), length):
        stretch = range(start, min(start + length, len(marks)))
        kept += sorted({min(stretch, key=lambda at: size(marks[at])), max(stretch, key=lambda at: size(marks[at]))})
    return tuple(marks[at] for at in kept), _drawn_of(kept, marks)


def _evenly(rows: Sequence[int]) -> list[int]:
    if len(rows) <= MOST_POINTS:
        return list(rows)
    return [rows[at * len(rows) // MOST_POINTS] for at in range(MOST_POINTS)]


def _drawn_of(kept: Sequence[Any], rows: Sequence[Any]) -> str:
    return "" if len(kept) == len(rows) else f"{len(kept):,} of {len(rows):,} points are drawn."


def _without_number(missing: int) -> str:
    return f"{missing:,} {'row' if missing == 1 else 'rows'} without a number." if missing else ""


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)
