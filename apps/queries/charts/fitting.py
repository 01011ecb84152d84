"""Whether a kind of chart would show a result honestly, and what goes where on it.

Each `fit_…` returns a Plan, or raises Unfit with the reason in words for people.
"""

from collections.abc import Sequence
from itertools import groupby

from apps.queries.charts.columns import ChartColumn, Role
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.material import Material, Plan, Unfit
from apps.queries.charts.wishes import Aim

MOST_SHARES = 6
MOST_SERIES = 8
MOST_GROUPED = 40
MOST_STACKS = 30
LEAST_FOR_HISTOGRAM = 10
WHOLE_TOLERANCE = 0.01


def fit_number(material: Material) -> Plan:
    """The only value of the only row, perhaps beside what it belongs to."""
    if material.row_count != 1 or len(material.measures) != 1:
        raise Unfit("there is more than one number")
    labels = material.of(Role.LABEL)
    if len(labels) > 1:
        raise Unfit("the row says more than one number")
    return Plan(ChartKind.NUMBER, (material.measure(),), labels[0] if labels else None)


def fit_bar(material: Material) -> Plan:
    x = material.category()
    measure = material.measure()
    others = _splitters(material, x)
    if _repeats([x]):
        raise Unfit(f"several rows share a {x.title}" if not others else f"{others[0].title} splits the bars")
    left = _left_out(material, [measure])
    return Plan(ChartKind.BAR, (measure,), x, notes=left)


def fit_grouped_bar(material: Material) -> Plan:
    plan = _split_bars(material, ChartKind.GROUPED_BAR)
    groups = plan.series.distinct if plan.series else len(plan.measures)
    if groups > MOST_SERIES or groups * (plan.x.distinct if plan.x else 1) > MOST_GROUPED:
        raise Unfit("there would be too many bars side by side")
    return plan


def fit_stacked_bar(material: Material) -> Plan:
    plan = _split_bars(material, ChartKind.STACKED_BAR)
    _check_stack(plan)
    if plan.series is None:
        raise Unfit("the measures are not parts of one whole")
    if plan.x is not None and plan.x.distinct > MOST_STACKS:
        raise Unfit("there would be too many bars")
    return plan


def fit_line(material: Material) -> Plan:
    """Over time only: a line between categories would say that there is something between them."""
    times = material.of(Role.TIME)
    x = material.x if material.x in times else (times[0] if times else None)
    if x is None or x.times is None:
        raise Unfit("a line needs times to run along")
    if len({point for point in x.times.points if point is not None}) < 2:
        raise Unfit("there is only one time")
    series = _series(material, x)
    if series is not None:
        return _unique(
            Plan(ChartKind.LINE, (material.measure(),), x, series, _left_out(material, [material.measure()]))
        )
    measures = _of_one_unit(material)
    return _unique(Plan(ChartKind.LINE, tuple(measures), x, notes=_left_out(material, measures)))


def fit_area(material: Material) -> Plan:
    line = fit_line(material)
    measures = line.measures[:1]
    plan = Plan(ChartKind.AREA, measures, line.x, line.series, _left_out(material, measures))
    _check_stack(plan)
    return plan


def fit_scatter(material: Material) -> Plan:
    x = material.x if material.x in material.measures else None
    across = x or next((one for one in material.measures if one is not material.y), None)
    up = next((one for one in material.measures if one is not across), None)
    if across is None or up is None:
        raise Unfit("points need two measures")
    pairs = {pair for pair in zip(across.numbers, up.numbers, strict=True) if None not in pair}
    if len(pairs) < 3:
        raise Unfit("there are fewer than three points")
    labels = material.of(Role.LABEL)
    groups = [one for one in labels if one.distinct <= MOST_SERIES and one.distinct * 2 <= material.row_count]
    series = material.series if material.series in groups else (groups[0] if groups else None)
    return Plan(ChartKind.SCATTER, (across, up), series=series, notes=_left_out(material, [across, up]))


def fit_pie(material: Material) -> Plan:
    """Shares of a whole: few, all there, none negative."""
    x, measure = material.category(), material.measure()
    numbers = [number for number in measure.numbers if number is not None]
    if len(numbers) < material.row_count:
        raise Unfit("a share is missing")
    if _repeats([x]):
        raise Unfit(f"several rows share a {x.title}")
    if not 2 <= len(numbers) <= MOST_SHARES:
        raise Unfit(f"a pie is readable with 2 to {MOST_SHARES} shares, here are {len(numbers):,}")
    if min(numbers) < 0:
        raise Unfit("negative numbers are no shares")
    total = sum(numbers)
    if total <= 0:
        raise Unfit("the shares add up to nothing")
    if not _is_whole(total, measure):
        if material.truncated or Aim.PART in material.wish.aims:
            raise Unfit("these are only some of the shares")
        if not measure.adds_up:
            raise Unfit(f"{measure.title} does not add up to a whole")
    return Plan(ChartKind.PIE, (measure,), x, notes=_left_out(material, [measure]))


def fit_histogram(material: Material) -> Plan:
    measure = material.measure()
    numbers = [number for number in measure.numbers if number is not None]
    if len(numbers) < LEAST_FOR_HISTOGRAM or len(set(numbers)) < LEAST_FOR_HISTOGRAM // 2:
        raise Unfit("there are too few different values for a distribution")
    return Plan(ChartKind.HISTOGRAM, (measure,), notes=_left_out(material, [measure]))


FITS = {
    ChartKind.NUMBER: fit_number,
    ChartKind.BAR: fit_bar,
    ChartKind.GROUPED_BAR: fit_grouped_bar,
    ChartKind.STACKED_BAR: fit_stacked_bar,
    ChartKind.LINE: fit_line,
    ChartKind.AREA: fit_area,
    ChartKind.SCATTER: fit_scatter,
    ChartKind.PIE: fit_pie,
    ChartKind.HISTOGRAM: fit_histogram,
}


def _splitters(material: Material, x: ChartColumn) -> list[ChartColumn]:
    """Columns beside `x` that could split it: labels and times, never a key."""
    return [one for one in [*material.of(Role.LABEL), *material.of(Role.TIME)] if one is not x]


def _series(material: Material, x: ChartColumn) -> ChartColumn | None:
    found = _splitters(material, x)
    if material.series in found:
        return material.series
    return found[0] if found and _repeats([x]) else None


def _split_bars(material: Material, kind: ChartKind) -> Plan:
    """Bars split by a second column, the one with fewer values, or by several measures of one unit."""
    x = material.category()
    series = _series(material, x)
    if series is None:
        measures = _of_one_unit(material)
        if len(measures) < 2:
            raise Unfit("nothing splits the bars")
        return _unique(Plan(kind, tuple(measures), x, notes=_left_out(material, measures)))
    is_free = material.x is None and material.series is None
    if is_free and x.role != Role.TIME and (series.role == Role.TIME or series.distinct > x.distinct):
        x, series = series, x
    measure = material.measure()
    return _unique(Plan(kind, (measure,), x, series, _left_out(material, [measure])))


def _of_one_unit(material: Material) -> list[ChartColumn]:
    """The first measure and those that can share its axis: the same unit, and adding up alike."""
    first = material.measure()
    if material.y is not None or material.named:
        wanted = [one for one in material.measures if one in (material.y, *material.named)]
    else:
        wanted = material.measures
    alike = [one for one in wanted if one.unit == first.unit and one.adds_up == first.adds_up and _near(one, first)]
    return alike[:MOST_SERIES]


def _near(one: ChartColumn, other: ChartColumn) -> bool:
    """Can both be read on one axis? A count beside a revenue would lie flat on the ground."""
    sizes = [
        max((abs(number) for number in column.numbers if number is not None), default=0) for column in (one, other)
    ]
    return min(sizes) * 50 >= max(sizes)


def _left_out(material: Material, drawn: Sequence[ChartColumn]) -> tuple[str, ...]:
    left = [one.title for one in material.measures if one not in drawn]
    return (f"Not drawn: {', '.join(left)}.",) if left else ()


def _repeats(columns: Sequence[ChartColumn]) -> bool:
    """Do several rows have the same labels in these columns?"""
    rows = sorted(zip(*(one.labels for one in columns), strict=True))
    return any(len(list(group)) > 1 for _, group in groupby(rows))


def _unique(plan: Plan) -> Plan:
    """The plan, if each place has one row at most. Raises Unfit."""
    columns = [one for one in (plan.x, plan.series) if one is not None]
    if _repeats(columns):
        raise Unfit(f"several rows share a {' and '.join(one.title for one in columns)}")
    return plan


def _check_stack(plan: Plan) -> None:
    measure = plan.measures[0]
    if measure.is_signed:
        raise Unfit("negative numbers cannot be stacked")
    if plan.series is not None and not measure.adds_up:
        raise Unfit(f"{measure.title} does not add up")


def _is_whole(total: float, measure: ChartColumn) -> bool:
    """Percentages that make 100, or fractions that make 1."""
    whole = 100 if measure.unit == "%" else 1
    is_share = measure.unit == "%" or any(word in measure.name.lower() for word in ("share", "fraction", "proportion"))
    return is_share and abs(total - whole) <= WHOLE_TOLERANCE * whole
