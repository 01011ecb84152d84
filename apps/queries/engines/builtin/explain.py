"""Says in plain words what a plan computes and what it takes for granted."""

import math

from apps.knowledge.catalog import Catalog
from apps.knowledge.joins import Join

from .compose import Candidate
from .evidence import Evidence
from .plan import Aggregate, ColumnKey, Condition, Item, Operator, Plan
from .sql import SqlWriter

_AGGREGATES = {
    Aggregate.COUNT: "number of", Aggregate.SUM: "total", Aggregate.AVG: "average", Aggregate.MIN: "smallest",
    Aggregate.MAX: "largest",
}  # fmt: skip
_OPERATORS = {
    Operator.EQUAL: "is",
    Operator.NOT_EQUAL: "is not",
    Operator.GREATER: "is more than",
    Operator.AT_LEAST: "is at least",
    Operator.LESS: "is less than",
    Operator.AT_MOST: "is at most",
    Operator.LIKE: "contains",
    Operator.NOT_LIKE: "does not contain",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.IS_NULL: "is missing",
    Operator.NOT_NULL: "is known",
    Operator.BETWEEN: "is between",
    Operator.WITHIN: "lies from",
}
_COMBINATIONS = {"union": "together with", "intersect": "that are also among", "except": "except"}


def explain(plan: Plan, catalog: Catalog) -> str:
    """One phrase: what is shown, of which rows, by what, in which order."""
    parts = [_joined([_item(item, plan, catalog) for item in plan.select])]
    if plan.distinct:
        parts.insert(0, "different")
    if plan.where:
        glue = " or " if plan.any_of else " and "
        parts.append("where " + glue.join(_condition(condition, plan, catalog) for condition in plan.where))
    if plan.group:
        parts.append("for each " + _joined([_column(key, catalog) for key in plan.group]))
    if plan.having:
        parts.append("with " + " and ".join(_condition(condition, plan, catalog) for condition in plan.having))
    for order in plan.order:
        direction = "largest first" if order.descending else "smallest first"
        parts.append(f"by {_item(order.item, plan, catalog)}, {direction}")
    if plan.limit is not None:
        parts.append("only the first" if plan.limit == 1 else f"only the first {plan.limit}")
    if plan.combined:
        parts.append(f"{_COMBINATIONS[plan.combined[0]]} {explain(plan.combined[1], catalog)}")
    return " ".join(parts)


def assumptions_of(candidate: Candidate, evidence: Evidence, writer: SqlWriter) -> tuple[str, ...]:
    """What the reading takes for granted that the question does not say."""
    taken = [assumed(join) for join in writer.joins_of(candidate.plan) if not join.declared]
    for binding in candidate.assignment.bindings:
        stored = next((spelling for key, spelling, _ in binding.span.matches if key == binding.use), None)
        if stored is not None and stored.lower() != binding.span.text.lower():
            taken.append(f"“{binding.span.text}” means {stored}.")
    return tuple(dict.fromkeys(taken))


def assumed(join: Join) -> str:
    """What an inferred join takes for granted, and what it rests on."""
    share = "" if join.share is None else f"; {math.floor(join.share * 100)} % of the values tried match"
    return f"Rows of {join.table} and {join.target} belong together where {join}; no key declares this{share}."


def _item(item: Item, plan: Plan, catalog: Catalog) -> str:
    if item.aggregate is None:
        return _column(item.column, catalog) if item.column else "everything"
    if item.column is None:
        tables = plan.all_tables()
        return f"number of {' '.join(catalog.tables[tables[-1]].words)} rows" if tables else "number of rows"
    different = "different " if item.distinct else ""
    return f"{_AGGREGATES[item.aggregate]} {different}{_column(item.column, catalog)}"


def _column(key: ColumnKey, catalog: Catalog) -> str:
    entry = catalog.columns[key]
    said = " ".join(entry.words)
    table = " ".join(catalog.tables[entry.table].words)
    return said if set(catalog.tables[entry.table].words) & set(entry.words) else f"{table} {said}"


def _condition(condition: Condition, plan: Plan, catalog: Catalog) -> str:
    left, operator = _item(condition.item, plan, catalog), _OPERATORS[condition.operator]
    value = condition.value
    if value is None:
        return f"{left} {operator}"
    if isinstance(value, Plan):
        return f"{left} {operator} the {explain(value, catalog)}"
    if isinstance(value, Item):
        return f"{left} {operator} {_item(value, plan, catalog)}"
    if isinstance(value, tuple):
        if condition.operator is Operator.WITHIN:
            return f"{left} {operator} {value[0]} up to, not including, {value[1]}"
        return f"{left} {operator} {_joined([str(one) for one in value])}"
    return f"{left} {operator} {str(value).strip('%')}"


def _joined(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
