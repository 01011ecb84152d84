"""Everything that a connection sees right now as an Access: the guard's view of a database that keeps changing."""

from collections import defaultdict
from typing import Any

import psycopg

from apps.datasources.access import Access
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.datasources.sessions.postgres_catalogue import PLAIN_TYPES

_COLUMNS = """
    SELECT n.nspname, c.relname, pg_table_is_visible(c.oid), a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    ORDER BY c.oid, a.attnum
"""


def visible_access(connection: "psycopg.Connection[Any]") -> Access:
    """Access to all tables that are no system catalogues, those on the search path under their bare names as well."""
    columns: dict[tuple[str, str], list[Column]] = defaultdict(list)
    bare: set[tuple[str, str]] = set()
    for namespace, table, is_visible, column, native_type in connection.execute(_COLUMNS):
        found = columns[namespace, table]
        if column is not None:
            found.append(Column(column, ColumnType.OTHER, native_type))
        if is_visible:
            bare.add((namespace, table))
    tables = {(namespace, name): Table(name, tuple(found), namespace) for (namespace, name), found in columns.items()}
    tables |= {("public", name): Table(name, tuple(columns[place]), "public") for place in bare for name in place[1:]}
    types = {f"{namespace}.{name}" for namespace, name in connection.execute(PLAIN_TYPES)}
    return Access(Schema("postgres", tuple(tables.values()), "public", frozenset(types)))
