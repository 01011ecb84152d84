"""Reads a follow-up as the previous question with one part changed: "and in France?", "by country", "top 5"."""

from apps.knowledge.names import word_set
from apps.queries.context import Turn

from .analysis import Analysis
from .assignments import Assignment, assignments
from .evidence import Evidence
from .gold import NotAPlan, read_plan
from .plan import Condition, Item, Order, Plan

LONGEST = 9
_OPENINGS = word_set(
    """
    and what how only now but also just same instead sort order those them of with without for in by top per the
    except excluding not since until before after last this from first share as
    """
)
_ASKING_ANEW = word_set(
    """
    many list show find give which who count return
    """
)


def follow_up(evidence: Evidence, history: tuple[Turn, ...]) -> Plan | None:
    """The previous plan with the part that the new words change, or None where they ask something of their own."""
    previous = _previous(evidence, history)
    if previous is None or not is_elliptic(evidence.analysis):
        return None
    changed = _changed(previous, assignments(evidence)[0], evidence)
    return changed if changed != previous else None


def _previous(evidence: Evidence, history: tuple[Turn, ...]) -> Plan | None:
    sql = next((turn.sql for turn in reversed(history) if turn.sql), None)
    try:
        plan = read_plan(sql, evidence.analysis.catalog) if sql else None
    except NotAPlan:
        return None
    return None if plan is None or plan.combined else plan  # a change of the first part alone fits no set operation


def is_elliptic(analysis: Analysis) -> bool:
    """Whether the words are too few, and open as no question of its own does."""
    words = [token.lemma for token in analysis.tokens if token.text.isalnum()]
    return bool(words) and len(words) <= LONGEST and words[0] in _OPENINGS and not _ASKING_ANEW & set(words[:3])


def _changed(plan: Plan, assignment: Assignment, evidence: Evidence) -> Plan:
    for condition in assignment.conditions:
        plan = plan.with_changes(where=_with_condition(plan.where, condition))
    if assignment.limit is not None:
        plan = plan.with_changes(limit=assignment.limit)
    words = {token.lemma for token in evidence.analysis.tokens}
    if words & {"sort", "sorted", "order", "ordered"} and evidence.roles["order"]:
        key = evidence.roles["order"][0].key
        return plan.with_changes(order=(Order(Item(key), bool(words & {"descending", "desc", "highest", "most"})),))
    return _grouped(plan, evidence) if "by" in words or "per" in words else plan


def _with_condition(where: tuple[Condition, ...], condition: Condition) -> tuple[Condition, ...]:
    """The new condition in place of those on the same column, else after all."""
    kept = tuple(one for one in where if one.item != condition.item)
    return (*kept, condition)


def _grouped(plan: Plan, evidence: Evidence) -> Plan:
    """The plan's aggregates for each value of what "by" names."""
    aggregates = tuple(item for item in plan.select if item.aggregate)
    named = evidence.roles["group"]
    if not aggregates or not named:
        return plan
    return plan.with_changes(select=(Item(named[0].key), *aggregates), group=(named[0].key,))
