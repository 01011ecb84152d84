"""What known SQL needs of a schema: its tables, its columns, and the pairs of columns that it joins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from apps.datasources.schema import Schema

Key = tuple[str, str]
Pair = frozenset[Key]
_QUALIFYING: dict[str, Any] = {"dialect": "sqlite", "validate_qualify_columns": False, "expand_stars": False}


@dataclass(frozen=True)
class Needs:
    """Tables by full name; `columns` that a person has to speak of (neither keys nor all at once); `joins`."""

    tables: frozenset[str]
    columns: frozenset[Key]
    joins: frozenset[Pair]


def needs_of(sql: str, schema: Schema) -> Needs | None:
    """What one SELECT needs, None where it cannot be read."""
    shape = {table.name: {column.name: "TEXT" for column in table.columns} for table in schema}
    try:
        tree = qualify(parse_one(sql, dialect="sqlite"), schema=shape, **_QUALIFYING)
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError, KeyError, ValueError):
        return None
    keys = _keys(schema)
    tables: set[str] = set()
    spoken: set[Key] = set()
    joins: set[Pair] = set()
    for scope in scopes:
        tables.update(_full_names(scope, schema))
        joining = {id(side) for pair in _equalities(scope) for side in pair}
        joins.update(found for pair in _equalities(scope) if (found := _pair(pair, scope, schema)))
        for column in scope.columns:
            key = _key(column, scope, schema)
            if key and id(column) not in joining and key not in keys:
                spoken.add(key)
    return Needs(frozenset(tables), frozenset(spoken), frozenset(joins))


def _keys(schema: Schema) -> set[Key]:
    """Columns that identify rows, here or elsewhere: naming their table names them."""
    return {
        (table.full_name, name)
        for table in schema
        for names in (table.primary_key, *(key.columns for key in table.foreign_keys))
        if len(names) == 1
        for name in names
    }


def _full_names(scope: Scope, schema: Schema) -> Iterator[str]:
    for source in scope.sources.values():
        found = schema.table(source.name) if isinstance(source, exp.Table) else None
        if found:
            yield found.full_name


def _equalities(scope: Scope) -> list[tuple[exp.Column, exp.Column]]:
    """Columns of two different tables that must be equal."""
    return [
        (one.left, one.right)
        for one in scope.find_all(exp.EQ)
        if isinstance(one.left, exp.Column) and isinstance(one.right, exp.Column) and one.left.table != one.right.table
    ]


def _pair(sides: Sequence[exp.Column], scope: Scope, schema: Schema) -> Pair | None:
    keys = frozenset(key for side in sides if (key := _key(side, scope, schema)))
    return keys if len(keys) == 2 and len({table for table, _ in keys}) == 2 else None


def _key(column: exp.Column, scope: Scope, schema: Schema) -> Key | None:
    source = scope.sources.get(column.table)
    table = schema.table(source.name) if isinstance(source, exp.Table) else None
    found = table.column(column.name) if table else None
    return (table.full_name, found.name) if table and found else None
