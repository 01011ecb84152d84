"""Turns the rows of a source's catalogue into a schema."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from apps.datasources.address import SourceAddress
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.datasources.sessions.postgres_types import column_type

Rows = list[dict[str, Any]]

# SQLite's types are free text: the first word found in a declared type decides, as SQLite itself does by affinity.
_SQLITE_TYPES: tuple[tuple[str, ColumnType], ...] = (
    ("bool", ColumnType.BOOLEAN),
    ("timestamp", ColumnType.TIMESTAMP),
    ("datetime", ColumnType.TIMESTAMP),
    ("date", ColumnType.DATE),
    ("time", ColumnType.TIME),
    ("json", ColumnType.JSON),
    ("uuid", ColumnType.UUID),
    ("int", ColumnType.INTEGER),
    ("char", ColumnType.TEXT),
    ("clob", ColumnType.TEXT),
    ("text", ColumnType.TEXT),
    ("string", ColumnType.TEXT),
    ("blob", ColumnType.BINARY),
    ("binary", ColumnType.BINARY),
    ("real", ColumnType.FLOAT),
    ("floa", ColumnType.FLOAT),
    ("doub", ColumnType.FLOAT),
    ("dec", ColumnType.DECIMAL),
    ("num", ColumnType.DECIMAL),
    ("money", ColumnType.DECIMAL),
    ("year", ColumnType.INTEGER),
)


def postgres_schema(catalogue: Mapping[str, Rows], address: SourceAddress) -> Schema:
    """The schema in the rows of `sessions.postgres_catalogue`."""
    columns = by_table(catalogue["columns"])
    keys = by_table(catalogue["keys"])
    tables = []
    for row in catalogue["tables"]:
        place = (row["namespace"], row["name"])
        table_keys = keys[place]
        tables.append(
            Table(
                row["name"],
                tuple(_postgres_column(column, row["row_count"]) for column in columns[place]),
                namespace=row["namespace"],
                primary_key=next((tuple(key["columns"]) for key in table_keys if key["kind"] == "p"), ()),
                unique_keys=tuple(tuple(key["columns"]) for key in table_keys if key["kind"] == "u"),
                foreign_keys=tuple(_postgres_foreign_key(key) for key in table_keys if key["kind"] == "f"),
                comment=row["comment"] or "",
                row_count=None if row["kind"] == "v" else row["row_count"],
                is_view=row["kind"] in "vm",
            )
        )
    types = frozenset(f"{row['namespace']}.{row['name']}" for row in catalogue["types"])
    return Schema(address.dialect, tuple(tables), address.default_namespace, types)


def _postgres_column(row: dict[str, Any], row_count: int | None) -> Column:
    kind = ColumnType.TEXT if row["type_kind"] == "e" else column_type(row["base_name"] or row["type_name"])
    if row["type_category"] == "A":
        kind = ColumnType.ARRAY
    return Column(
        row["name"],
        kind,
        native_type=row["native_type"],
        nullable=row["nullable"],
        comment=row["comment"] or "",
        distinct_count=_distinct_count(row["n_distinct"], row_count),
    )


def _distinct_count(estimate: float | None, row_count: int | None) -> int | None:
    """PostgreSQL's n_distinct: a number of values, or, below zero, a share of the rows."""
    if not estimate:
        return None
    if estimate > 0:
        return round(estimate)
    return None if row_count is None else round(-estimate * row_count)


def _postgres_foreign_key(row: dict[str, Any]) -> ForeignKey:
    return ForeignKey(tuple(row["columns"]), row["target_table"], tuple(row["target_columns"]), row["target_namespace"])


def sqlite_schema(catalogue: Mapping[str, Rows], address: SourceAddress) -> Schema:
    """The schema in the rows of `sessions.sqlite_worker`."""
    columns = by_table(catalogue["columns"])
    primary = {
        name: tuple(row["name"] for row in sorted((row for row in rows if row["pk"]), key=lambda row: row["pk"]))
        for (_, name), rows in columns.items()
    }
    foreign = by_table(catalogue["foreign_keys"])
    unique = by_table(catalogue["unique_keys"])
    tables = []
    for row in catalogue["tables"]:
        place = (None, row["name"])
        tables.append(
            Table(
                row["name"],
                tuple(_sqlite_column(column) for column in columns[place]),
                primary_key=primary.get(row["name"], ()),
                unique_keys=tuple(tuple(key["name"] for key in group) for group in grouped(unique[place])),
                foreign_keys=tuple(_sqlite_foreign_key(group, primary) for group in grouped(foreign[place])),
                is_view=row["kind"] == "view",
            )
        )
    return Schema(address.dialect, tuple(tables), address.default_namespace)


def _sqlite_column(row: dict[str, Any]) -> Column:
    return Column(
        row["name"],
        sqlite_type(row["type"] or ""),
        native_type=row["type"] or "",
        nullable=not row["notnull"] and not row["pk"],
    )


def sqlite_type(declared: str) -> ColumnType:
    """Our type for a declared type of SQLite; a column without one may hold anything."""
    lowered = re.sub(r"\(.*", "", declared.lower())
    return next((kind for word, kind in _SQLITE_TYPES if word in lowered), ColumnType.OTHER)


def _sqlite_foreign_key(group: Rows, primary: Mapping[str, tuple[str, ...]]) -> ForeignKey:
    """A key without named target columns refers to the target's primary key."""
    target = group[0]["target_table"]
    named = tuple(row["target"] for row in group)
    by_lower = {name.lower(): columns for name, columns in primary.items()}
    columns = named if all(named) else by_lower.get(target.lower(), ())
    return ForeignKey(tuple(row["name"] for row in group), target, columns)


def by_table(rows: Rows) -> dict[tuple[str | None, str], Rows]:
    """Rows by (namespace, table)."""
    grouped: dict[tuple[str | None, str], Rows] = defaultdict(list)
    for row in rows:
        grouped[(row.get("namespace"), row["table_name"])].append(row)
    return grouped


def grouped(rows: Rows) -> list[Rows]:
    """Rows of one `id` together, in the order of their first; a row without one stands alone."""
    groups: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        groups[row.get("id", len(groups))].append(row)
    return list(groups.values())
