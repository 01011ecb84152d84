"""Reads a question that only lists columns of rows, once every noun of it is settled."""

from collections.abc import Sequence

from apps.queries.engines.builtin.plan import ColumnKey, Condition, Item, Operator, Plan

from .facts import column_of, facts_about
from .heard import Heard, Noun
from .leftover import is_accounted
from .rows import called, listed
from .values import Stored, places_of
from .wordlists import DETERMINERS, QUANTIFIERS

_JOINING = frozenset(("with", "and", "their", "its", "along", "including", ","))


def plain_rows(heard: Heard, meant: Noun) -> Plan | None:
    """The rows that a question asks for where one noun means this; None where words are left over or do not fit.

    `heard` has that noun already in its place.
    """
    base = meant.table or meant.columns[0][0]
    told = _conditions(heard, base)
    if told is None:
        return None
    conditions, places = told[0], told[1] - places_of([meant])
    nouns = [noun for noun in heard.nouns if places.isdisjoint(places_of([noun]))]
    shown = _shown(heard, nouns, meant, base)
    taken = places | places_of(nouns)
    if not shown or not is_accounted(heard, taken):
        return None
    tables = [noun.table for noun in nouns if noun.table]
    return listed(shown, tuple(dict.fromkeys([base, *tables])), conditions)


def _conditions(heard: Heard, base: str) -> tuple[tuple[Condition, ...], set[int]] | None:
    """What is said of the rows themselves, or of others that they hang together with."""
    told = facts_about(heard, base, 0, heard.end)
    if told is not None:
        return told.conditions, set(told.places)
    if any(heard.analysis.tokens[place].number is not None for place in range(heard.end)):
        return None
    conditions: list[Condition] = []
    places = places_of(heard.values)
    for value in heard.values:
        key, stored = column_of(heard, value, base) or _nearest(heard, value, base)
        conditions.append(Condition(Item(key), Operator.EQUAL, stored))
    return tuple(conditions), places


def _nearest(heard: Heard, value: Stored, base: str) -> tuple[ColumnKey, str]:
    """Of all columns that hold a value the one that the fewest joins lead to."""

    def steps(place: tuple[ColumnKey, str]) -> int:
        joins = heard.catalog.joins.connect((base, place[0][0]))
        return len(joins) if joins is not None else len(heard.catalog.tables) + 1

    return min(value.places, key=steps)


def _shown(heard: Heard, nouns: Sequence[Noun], meant: Noun, base: str) -> tuple[ColumnKey, ...]:
    """What is asked for, in its order: the columns named, or rows by name where "with their …" adds columns to them."""
    columns: list[ColumnKey] = []
    for noun in nouns:
        if noun == meant:
            columns.extend(noun.columns or (() if columns else called(heard.catalog, base)))
        elif noun.columns and not noun.tables:
            if not _is_asked(heard, noun, meant):
                return ()
            own = [key for key in noun.columns if key[0] == base] or _of_tables(nouns, noun)
            if len(own) != 1:
                return ()
            columns.append(own[0])
        elif noun.table and noun.start < meant.start and _is_joined(heard, noun, meant):
            columns.extend(called(heard.catalog, noun.table))
    return tuple(dict.fromkeys(columns))


def _is_asked(heard: Heard, noun: Noun, meant: Noun) -> bool:
    """Whether a column is enumerated with the meant one, rather than said of the rows."""
    between = range(min(noun.end, meant.end), max(noun.start, meant.start))
    valued = places_of(heard.values)
    gap = {heard.word(place) for place in between if place not in valued}
    return gap <= _JOINING | {"the"} or (bool(meant.tables) and gap <= DETERMINERS | QUANTIFIERS | {"for"})


def _of_tables(nouns: Sequence[Noun], noun: Noun) -> list[ColumnKey]:
    """A noun's columns in tables that are named."""
    tables = {one.table for one in nouns}
    return [key for key in noun.columns if key[0] in tables]


def _is_joined(heard: Heard, noun: Noun, meant: Noun) -> bool:
    gap = {heard.word(place) for place in range(noun.end, meant.start)}
    return bool(gap & {"with", "and", "along"}) and gap <= _JOINING | {"the"}
