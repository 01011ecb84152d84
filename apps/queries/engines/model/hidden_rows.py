"""Rows of a result as a model may see them: only at the level `results`, and without personal data. No Django here."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from apps.datasources.results import ResultSet, to_json_value
from apps.llm.personal_data import Hidden, kind_of_column
from apps.llm.privacy import PrivacyLevel
from apps.llm.pseudonyms import Pseudonyms

COUNTING = (exp.Count, exp.ApproxDistinct, exp.Sum, exp.Avg, exp.Length)
MOST_STEPS = 5  # how deep names are followed through sub-queries
NUMBERED = (Hidden.PHONE, Hidden.CARD, Hidden.IBAN, Hidden.ID_NUMBER)
LONGEST_CELL = 200


def hide_headers(result: ResultSet, names: Pseudonyms) -> list[str]:
    """The names of a result's columns; an alias may tell a value ("orders from Berlin")."""
    return [names.hide_known(column.name) for column in result.columns]


def hide_rows(
    result: ResultSet, tree: exp.Expr, names: Pseudonyms, *, privacy: PrivacyLevel, most: int
) -> list[list[Any]]:
    """The first rows as JSON values, with placeholders for personal data; none where the level shows no rows.

    `tree` is the SQL that brought them: it tells that `contact` is an e-mail address where that is what it selects.
    """
    if not privacy.shows_rows:
        return []
    kinds = _kinds(result, tree)
    return [[_hidden(value, kind, names) for value, kind in zip(row, kinds, strict=True)] for row in result.rows[:most]]


def _hidden(value: Any, kind: Hidden | None, names: Pseudonyms) -> Any:
    told = to_json_value(value)
    if isinstance(value, dt.date) and kind is Hidden.BIRTH_DATE:
        return names.hide(str(told), kind)
    if isinstance(value, int) and not isinstance(value, bool) and kind in NUMBERED:
        return names.hide(str(told), kind)
    if isinstance(value, str):
        return names.hide(value, kind) if kind and value else names.hide_known(value[:LONGEST_CELL])
    return told if told is None or isinstance(told, int | float | str) else names.hide_known(str(told)[:LONGEST_CELL])


def _kinds(result: ResultSet, tree: exp.Expr) -> list[Hidden | None]:
    """What personal data each column holds, by what any part of the SQL puts there or by its own name."""
    tables = {table.name for table in tree.find_all(exp.Table)}
    renamed = _renamed(tree, tables)
    selects = [select.selects for select in _outer_selects(tree)]
    return [
        next((kind for parts in selects if (kind := _kind_at(parts, place, tables, renamed))), None)
        or _kind_of_name(column.name, tables, renamed)
        for place, column in enumerate(result.columns)
    ]


def _kind_at(
    parts: Sequence[exp.Expr], place: int, tables: Collection[str], renamed: Mapping[str, Hidden]
) -> Hidden | None:
    return _kind_within(parts[place], tables, renamed) if place < len(parts) else None


def _renamed(tree: exp.Expr, tables: Collection[str]) -> Mapping[str, Hidden]:
    """Aliases anywhere in the statement that hold personal data, also of one another."""
    kinds: dict[str, Hidden] = {}
    for _ in range(MOST_STEPS):
        known = len(kinds)
        for alias in tree.find_all(exp.Alias):
            if kind := _kind_within(alias.this, tables, kinds):
                kinds.setdefault(alias.alias.casefold(), kind)
        for cte in tree.find_all(exp.CTE):
            columns = cte.args["alias"].columns if cte.args.get("alias") else []
            for name, projection in zip(columns, getattr(cte.this, "selects", []), strict=False):
                if kind := _kind_within(projection, tables, kinds):
                    kinds.setdefault(name.name.casefold(), kind)
        if len(kinds) == known:
            break
    return kinds


def _kind_within(node: exp.Expr, tables: Collection[str], renamed: Mapping[str, Hidden]) -> Hidden | None:
    """The kind of the first personal column that an expression passes on; how many there are tells nobody's."""
    for column in node.find_all(exp.Column):
        counted = column.find_ancestor(*COUNTING)
        if counted is None and (kind := _kind_of_name(column.name, tables, renamed)):
            return kind
    return None


def _kind_of_name(name: str, tables: Collection[str], renamed: Mapping[str, Hidden]) -> Hidden | None:
    kinds = (kind_of_column(name, table) for table in tables or ("",))
    return next((kind for kind in kinds if kind), None) or renamed.get(name.casefold())


def _outer_selects(tree: exp.Expr) -> Iterator[exp.Select]:
    """The selects whose rows come out: of a set operation all its parts."""
    if isinstance(tree, exp.Select):
        yield tree
    elif isinstance(tree, exp.SetOperation):
        yield from _outer_selects(tree.left)
        yield from _outer_selects(tree.right)
    elif isinstance(tree, exp.Subquery):
        yield from _outer_selects(tree.this)
