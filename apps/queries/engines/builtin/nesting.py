"""Plans inside plans: rows without a partner, values against an aggregate, and two answers combined."""

from collections.abc import Iterator

from .assignments import merged
from .evidence import Evidence
from .plan import Aggregate, Combination, Condition, Item, Operator, Plan
from .shape import NONE


def nested(plan: Plan, nest: str, evidence: Evidence) -> Iterator[Plan]:
    """The flat plan turned into the kind that the outline asks for, in each likely way; nothing where it cannot be."""
    if nest == NONE or nest == Operator.IN:
        yield plan
    elif nest in (Combination.INTERSECT, Combination.UNION):
        yield from _both(plan, Combination(nest))
    elif nest == Combination.EXCEPT:
        yield from _without_rows(plan, evidence)
    elif nest == Operator.NOT_IN:
        yield from _without_partner(plan, evidence)
    elif ":" in nest:
        operator, aggregate = nest.split(":")
        if aggregate != "col":
            yield from _against_aggregate(plan, Operator(operator), Aggregate(aggregate), evidence)


def _both(plan: Plan, combination: Combination) -> Iterator[Plan]:
    """The rows of one condition combined with those of another; conditions on further columns hold for both."""
    conditions = plan.where
    same = [
        (left, right)
        for index, left in enumerate(conditions)
        for right in conditions[index + 1 :]
        if left.item == right.item
    ]
    left, right = same[0] if same else conditions[-2:]
    shared = tuple(one for one in conditions if one not in (left, right))
    other = plan.with_changes(where=(*shared, right), order=(), limit=None, distinct=False)
    yield plan.with_changes(where=(*shared, left), combined=(combination, other), order=(), limit=None, distinct=False)


def _negated_tables(plan: Plan, evidence: Evidence) -> list[str]:
    """Tables that the negation may be about: named, and not the one shown; latest named first."""
    shown = {item.column[0] for item in plan.select if item.column}
    named = {
        table: max(link.start for link in links)
        for table, links in evidence.analysis.table_links.items()
        if table not in shown and evidence.tables.get(table, 0.0) > 0.15
    }
    conditioned = [condition.item.column[0] for condition in plan.where if condition.item.column]
    ranked = sorted(named, key=lambda table: (-evidence.tables[table], -named[table]))
    return list(dict.fromkeys([*(table for table in conditioned if table not in shown), *ranked]))[:3]


def _subject(plan: Plan) -> str | None:
    """The table whose rows are shown or counted."""
    shown = [item.column[0] for item in plan.select if item.column]
    return shown[0] if shown else plan.tables[0] if plan.tables else None


def _without_partner(plan: Plan, evidence: Evidence) -> Iterator[Plan]:
    """Rows of one table that no row of another refers to (with the other's conditions, if any)."""
    subject = _subject(plan)
    if subject is None:
        return
    for partner in _negated_tables(plan, evidence):
        joins = evidence.analysis.catalog.joins.connect([subject, partner])
        if not joins or partner == subject:
            continue
        first = next((join for join in joins if join.table == subject), None)
        first = first or next((join.reversed() for join in joins if join.target == subject), None)
        if first is None:
            continue
        path = [join for join in joins if subject not in (join.table, join.target)]
        further = tuple(dict.fromkeys([first.target, *(name for join in path for name in (join.table, join.target))]))
        inside = tuple(one for one in plan.where if one.item.column and one.item.column[0] in further)
        outside = tuple(one for one in plan.where if one not in inside)
        inner = Plan((Item((first.target, first.target_columns[0])),), further, inside)
        condition = Condition(Item((subject, first.columns[0])), Operator.NOT_IN, inner)
        kept = tuple(table for table in plan.tables if table not in further)
        yield plan.with_changes(where=(*outside, condition), tables=kept)


def _without_rows(plan: Plan, evidence: Evidence) -> Iterator[Plan]:
    """All rows except those that meet the conditions or have a partner."""
    subject = _subject(plan)
    if subject is None or any(item.aggregate for item in plan.select):
        return
    bare = plan.with_changes(order=(), limit=None, distinct=False, group=(), having=())
    if plan.where:
        inner = bare.with_changes(where=merged(tuple(_affirmed(one) for one in plan.where[-1:])))
        outer = bare.with_changes(where=plan.where[:-1], tables=())
        yield outer.with_changes(combined=(Combination.EXCEPT, inner))
        return
    for partner in _negated_tables(plan, evidence)[:2]:
        if evidence.analysis.catalog.joins.connect([subject, partner]):
            yield bare.with_changes(tables=(), combined=(Combination.EXCEPT, bare.with_changes(tables=(partner,))))


def _affirmed(condition: Condition) -> Condition:
    if condition.operator is Operator.NOT_EQUAL:
        return Condition(condition.item, Operator.EQUAL, condition.value)
    return condition


def _against_aggregate(plan: Plan, operator: Operator, aggregate: Aggregate, evidence: Evidence) -> Iterator[Plan]:
    """Rows whose value is above, below or at an aggregate over all rows of the table."""
    for guess in evidence.roles["compare"][:2]:
        item = (Item(guess.key, aggregate),)
        bare = Condition(Item(guess.key), operator, Plan(item))
        yield plan.with_changes(where=(*plan.where, bare))
        if plan.where:
            within = Condition(Item(guess.key), operator, Plan(item, where=plan.where))
            yield plan.with_changes(where=(within,))
            yield plan.with_changes(where=(*plan.where, within))
