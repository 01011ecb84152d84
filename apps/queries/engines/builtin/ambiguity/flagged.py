"""Rows that are, or are not, what a column of yes and no says: "which species are endangered?"."""

from dataclasses import replace

from apps.clarification.readings import Reading, Reason
from apps.queries.engines.builtin.explain import explain
from apps.queries.engines.builtin.plan import Condition, Operator, Plan
from apps.queries.engines.builtin.sql import SqlWriter

from .facts import facts_about
from .heard import Heard
from .rows import called, listed
from .values import Stored, places_of

SURE = 0.9
_OPENING = frozenset("which what who list show me give find name tell display get".split())
_BETWEEN = frozenset(
    "the all of are is were was have has a an that currently please every names and in from at on".split()
)
_NOT = "not"


def flagged_readings(heard: Heard) -> list[Reading]:
    """The one reading of a question that names rows, what they are and nothing more; mostly none."""
    plan = _plan(heard) if heard.flags and heard.word(0) in _OPENING else None
    if plan is None:
        return []
    tree = SqlWriter(heard.catalog).write(plan)
    reasons = (Reason("rows that are what a column says", 1.0),)
    return [Reading(tree, SURE, reasons=reasons, explanation=explain(plan, heard.catalog))]


def _plan(heard: Heard) -> Plan | None:
    for noun in heard.nouns:
        if noun.table and (flags := _flags_of(heard, noun.table, places_of([noun]))):
            return _rows(heard, noun.table, flags, places_of([noun]))
    return _rows_by_value(heard)


def _rows_by_value(heard: Heard) -> Plan | None:
    """ "Which eels are poisonous?": rows that one of their own values calls so, where no table is named."""
    tables = {key[0] for one in heard.flags for key, _ in one.places}
    if len(tables) != 1 or len(heard.values) != 1 or any(noun.table for noun in heard.nouns):
        return None
    table = tables.pop()
    if [key[0] for key, _ in heard.values[0].places] != [table]:
        return None
    return _rows(heard, table, list(heard.flags), set())


def _flags_of(heard: Heard, table: str, named: set[int]) -> list[Stored]:
    """What a table's rows are said to be, outside of the words that name it."""
    own = [one for one in heard.flags if any(key[0] == table for key, _ in one.places)]
    return [one for one in own if places_of([one]).isdisjoint(named)]


def _rows(heard: Heard, table: str, flags: list[Stored], named: set[int]) -> Plan | None:
    told, names = facts_about(heard, table, 0, heard.end), called(heard.catalog, table)
    if told is None or not names or not _is_each_one_column(flags, table):
        return None
    negations = {place for place in range(heard.end) if heard.word(place) == _NOT}
    keys = [key for one in flags if one.start - 1 in negations for key, _ in one.places]
    taken = told.places | named | places_of(flags) | negations
    rest = {heard.word(place) for place in range(heard.end) if place not in taken}
    if len(negations) > len(keys) or len(negations) > 1 or not rest <= _OPENING | _BETWEEN:
        return None
    tables = dict.fromkeys([table, *(one.item.column[0] for one in told.conditions if one.item.column)])
    return listed(names, tuple(tables), [_turned(one, keys) for one in told.conditions])


def _is_each_one_column(flags: list[Stored], table: str) -> bool:
    return all(sum(key[0] == table for key, _ in one.places) == 1 for one in flags)


def _turned(condition: Condition, keys: list[tuple[str, str]]) -> Condition:
    """A condition that "not" stands before, the other way round."""
    return replace(condition, operator=Operator.NOT_EQUAL) if condition.item.column in keys else condition
