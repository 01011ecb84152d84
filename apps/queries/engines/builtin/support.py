"""Verified questions like the one asked say which of several plausible readings is meant.

They change the order only: the scores are dealt out anew among the readings, so that nothing that would be asked about
is answered for it, or declined.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.clarification.choosing import plausible
from apps.clarification.readings import Reading, Reason
from apps.queries.context import Context

MUCH_ALIKE = 0.45  # the least likeness of a verified question that has a say
CLEARLY = 0.25  # by so much must a reading be supported better than the one that stands first
Marks = frozenset[str]


def in_order_of_support(readings: list[Reading], context: Context) -> list[Reading]:
    """The readings, those plausible beside the best ordered by what verified questions like this one do."""
    rivals = [one for one in plausible(readings) if not one.second_opinion] if len(readings) > 1 else []
    examples = [(one.likeness, _marks_of(one.sql, context)) for one in context.examples if one.likeness >= MUCH_ALIKE]
    if len(rivals) < 2 or not examples:
        return readings
    supports = _supports([_marks(one.tree) for one in rivals], examples)
    if max(supports) - supports[0] < CLEARLY:
        return readings
    ordered = sorted(zip(rivals, supports, strict=True), key=lambda one: -one[1])
    dealt = [
        replace(one, score=rival.score, reasons=(*one.reasons, Reason("like verified questions", support)))
        for (one, support), rival in zip(ordered, rivals, strict=True)
    ]
    others = [one for one in readings if not any(one is rival for rival in rivals)]
    return sorted([*dealt, *others], key=lambda one: -one.score)


def _supports(rivals: Sequence[Marks], examples: Sequence[tuple[float, Marks]]) -> list[float]:
    """How much of what tells the rivals apart each has in common with the examples, from 0 to 1."""
    telling = frozenset.union(*rivals) - frozenset.intersection(*rivals)
    weight = sum(likeness for likeness, _ in examples)
    return [
        sum(likeness * _shared(marks & telling, example & telling) for likeness, example in examples) / weight
        for marks in rivals
    ]


def _shared(one: Marks, other: Marks) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _marks_of(sql: str, context: Context) -> Marks:
    try:
        return _marks(parse_one(sql, dialect=context.schema.dialect))
    except (SqlglotError, RecursionError):
        return frozenset()


def _marks(tree: exp.Expr) -> Marks:
    """What a statement is made of, whatever its constants: tables, columns, and what is computed of which."""
    tables = {f"table {one.name.lower()}" for one in tree.find_all(exp.Table)}
    columns = {f"column {one.name.lower()}" for one in tree.find_all(exp.Column)}
    computed = {
        f"{one.key} {' '.join(sorted(column.name.lower() for column in one.find_all(exp.Column)))}"
        for one in tree.find_all(exp.AggFunc, exp.Group, exp.Order)
    }
    return frozenset(tables | columns | computed)
