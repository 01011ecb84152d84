"""Which kinds fit a result, in the order in which the question and the columns speak for them."""

from apps.queries.charts.columns import Role
from apps.queries.charts.fitting import FITS, MOST_SERIES
from apps.queries.charts.kinds import ChartKind
from apps.queries.charts.material import Material, Plan, Unfit
from apps.queries.charts.wishes import Aim

FEW_TIMES = 3
_SPLIT = (ChartKind.GROUPED_BAR, ChartKind.STACKED_BAR)


def fitting_plans(material: Material) -> dict[ChartKind, Plan]:
    """Each kind that would show the result honestly, with what goes where."""
    plans = {}
    for kind, fit in FITS.items():
        try:
            plans[kind] = fit(material)
        except Unfit:
            continue
    return plans


def chosen_plan(material: Material, proposed: ChartKind | None = None) -> tuple[Plan | None, tuple[str, ...]]:
    """The plan to draw, or none, and notes that say why what was asked for or proposed is not what is drawn."""
    plans = fitting_plans(material)
    notes: list[str] = []
    wanted = [kind for kind in (material.wish.kind, proposed) if kind is not None]
    for kind in dict.fromkeys(wanted):
        if kind == ChartKind.TABLE:
            return None, (*notes, "No chart was wanted.")
        found = next((one for one in _family(kind) if one in plans), None)
        if found is not None:
            return plans[found], (*notes, *plans[found].notes)
        notes.append(f"Not {kind.words}: {_why_not(material, kind)}.")
    for kind in preferred_kinds(material):
        if kind in plans:
            return plans[kind], (*notes, *plans[kind].notes)
    return None, (*notes, why_no_chart(material))


def preferred_kinds(material: Material) -> tuple[ChartKind, ...]:
    """The kinds by how well they answer this question, best first."""
    aims = material.wish.aims
    if material.row_count == 1:
        return (ChartKind.NUMBER,)
    if Aim.RELATION in aims and Aim.TREND not in aims and len(material.measures) > 1 and not material.of(Role.TIME):
        return (ChartKind.SCATTER, *_over_categories(material))
    if material.of(Role.TIME):
        return _over_time(material)
    if material.of(Role.LABEL) or material.of(Role.KEY):
        return _over_categories(material)
    if len(material.measures) > 1:
        return ChartKind.SCATTER, ChartKind.HISTOGRAM
    return (ChartKind.HISTOGRAM,)


def why_no_chart(material: Material) -> str:
    """One sentence on why the rows are better read as a table."""
    if material.row_count == 0:
        return "No chart: there are no rows."
    if not material.measures:
        return "No chart: no column holds numbers to draw."
    if material.row_count == 1:
        return "No chart: a single row is read faster than drawn."
    kind = preferred_kinds(material)[0]
    return f"No chart: {_why_not(material, kind)}."


def _over_time(material: Material) -> tuple[ChartKind, ...]:
    aims = material.wish.aims
    times = material.of(Role.TIME)[0].distinct
    if Aim.SHARE in aims:
        return ChartKind.STACKED_BAR, ChartKind.PIE, ChartKind.LINE, ChartKind.BAR, ChartKind.GROUPED_BAR
    if times < FEW_TIMES or (Aim.COMPARISON in aims and Aim.TREND not in aims):
        return ChartKind.BAR, *_SPLIT, ChartKind.LINE
    return ChartKind.LINE, ChartKind.BAR, *_SPLIT


def _over_categories(material: Material) -> tuple[ChartKind, ...]:
    aims = material.wish.aims
    rest = (ChartKind.BAR, *_SPLIT, ChartKind.SCATTER, ChartKind.HISTOGRAM)
    if Aim.SHARE in aims:
        return ChartKind.PIE, ChartKind.STACKED_BAR, *rest
    if Aim.DISTRIBUTION in aims and not (material.measures and material.measures[0].adds_up):
        return ChartKind.HISTOGRAM, *rest
    labels = material.of(Role.LABEL)
    if len(labels) == 1 and _are_alike(material):
        return ChartKind.GROUPED_BAR, *rest
    if not labels and len(material.measures) > 1:
        return ChartKind.SCATTER, *rest  # keys only: what they name is not what one compares
    return rest


def _are_alike(material: Material) -> bool:
    """Several measures of one kind beside the labels ("sales 2023", "sales 2024"): none says more than the other."""
    plan = fitting_plans(material).get(ChartKind.GROUPED_BAR)
    return plan is not None and 2 <= len(plan.measures) <= MOST_SERIES and not plan.notes


def _family(kind: ChartKind) -> tuple[ChartKind, ...]:
    """A wish for bars is kept by bars that are split, where there is something to split them."""
    return (ChartKind.BAR, *_SPLIT) if kind == ChartKind.BAR else (kind,)


def _why_not(material: Material, kind: ChartKind) -> str:
    reasons = []
    for one in _family(kind):
        try:
            FITS[one](material)
        except Unfit as reason:
            reasons.append(str(reason))
    return reasons[-1] if len(reasons) > 1 and "nothing splits" not in reasons[-1] else reasons[0]
