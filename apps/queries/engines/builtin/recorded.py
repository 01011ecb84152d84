"""Beside what a reading computes, the same as some table records it ("total_enrollment"): a choice of calculation."""

from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField, Reading

from .analysis import Analysis
from .explain import explain
from .gold import NotAPlan, read_plan
from .membership import without_exists
from .plan import Plan
from .precomputed import precomputed
from .pruning import pruned
from .sql import SqlWriter

COMPUTED_SHARE = 0.52
ASKS = "Should this be computed, or read as it is recorded?"
CONFIRMED = 3.0  # how much likelier a reading is right where somebody keeps a column of just what it computes


def with_recorded(readings: Sequence[Reading], analysis: Analysis) -> list[Reading]:
    """The readings, the best of them parted in two where a summary already holds what it computes; computing first."""
    if not readings or not analysis.whole.summaries:
        return list(readings)
    computed = _plan_of(readings[0], analysis)
    stored = precomputed(computed, analysis.whole) if computed else None
    if computed is None or stored is None:
        return list(readings)
    best, phrase = readings[0], analysis.context.question.strip()
    first = _taken(best, computed, "Computed", phrase, analysis)
    second = _taken(best, stored, "As recorded", phrase, analysis)
    score = CONFIRMED * best.score / (1 - best.score + CONFIRMED * best.score)
    parted = [
        replace(first, score=score * COMPUTED_SHARE),
        replace(second, score=score * (1 - COMPUTED_SHARE), tree=SqlWriter(analysis.whole).write(stored)),
    ]
    texts = {one.tree.sql() for one in parted}
    return [*parted, *(one for one in readings[1:] if one.tree.sql() not in texts)]


def _plan_of(reading: Reading, analysis: Analysis) -> Plan | None:
    """The reading as a plan without tables that it need not join; None where no plan says it."""
    dialect = analysis.catalog.schema.dialect
    try:
        plan = read_plan(without_exists(reading.tree.sql(dialect=dialect), dialect), analysis.catalog)
    except NotAPlan:
        return None
    return pruned(plan, analysis.catalog)


def _taken(reading: Reading, plan: Plan, label: str, phrase: str, analysis: Analysis) -> Reading:
    explanation = explain(plan, analysis.whole)
    tables = " and ".join(table.rpartition(".")[2] for table in plan.all_tables())
    choice = Choice(ChoiceField.CALCULATION, phrase, label, f"{explanation}, from {tables}", ASKS)
    return replace(reading, choices=(*reading.choices, choice), explanation=explanation, is_shared=True)
