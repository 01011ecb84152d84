"""Reads one DuckDB file: read-only, no file beside it, no extension, its configuration locked."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any, ClassVar

import duckdb

from apps.datasources.child.messages import Row
from apps.datasources.child.readers import COMMON_ERRORS, Columns, UnsafeSetting

_MEBIBYTE = 1024 * 1024
_ROWS_AT_A_TIME = 100
_THREADS = 2
# In this order: after access is off, nothing about files can be set; after the lock, nothing at all.
_SETTINGS = {
    "access_mode": "read_only",
    "threads": str(_THREADS),
    "memory_limit": "512MiB",
    "max_temp_directory_size": "0KiB",
    "allow_persistent_secrets": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "python_enable_replacements": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}
_READ_BACK = "SELECT name, value FROM duckdb_settings()"
_ATTACHED = "SELECT database_name FROM duckdb_databases() WHERE NOT internal"
# Python's own types lose what these hold (months, nanoseconds, infinity), so they come as text and are read exactly.
_AS_TEXT = ("DATE", "TIMESTAMP", "INTERVAL", "TIME WITH TIME ZONE", "TIME_NS")
_CATALOGUE = {
    "tables": """
        SELECT schema_name AS namespace, table_name AS name, comment, estimated_size AS row_count, false AS is_view
        FROM duckdb_tables() WHERE NOT internal AND NOT temporary AND database_name = current_database()
        UNION ALL
        SELECT schema_name, view_name, comment, NULL, true
        FROM duckdb_views() WHERE NOT internal AND NOT temporary AND database_name = current_database()
        ORDER BY 1, 2
    """,
    "columns": """
        SELECT schema_name AS namespace, table_name, column_name AS name, data_type AS native_type,
               is_nullable AS nullable, comment
        FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
        ORDER BY 1, 2, column_index
    """,
    "keys": """
        SELECT schema_name AS namespace, table_name, constraint_type AS kind, constraint_column_names AS columns,
               referenced_table AS target_table, referenced_column_names AS target_columns
        FROM duckdb_constraints()
        WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY') AND database_name = current_database()
        ORDER BY 1, 2, constraint_index
    """,
}


class DuckDbReader:
    """One DuckDB file, read-only."""

    memory_bytes: ClassVar[int] = 3 * 1024 * _MEBIBYTE
    threads: ClassVar[int] = _THREADS
    errors: ClassVar[tuple[type[Exception], ...]] = (duckdb.Error, *COMMON_ERRORS)

    def __init__(self, path: str) -> None:
        settings: dict[str, Any] = {name: value for name, value in _SETTINGS.items() if name != "access_mode"}
        self._connection = duckdb.connect(path, read_only=True, config=settings)
        self._connection.execute(_ATTACHED).fetchall()
        self._cursor: duckdb.DuckDBPyConnection | None = None

    def check_settings(self) -> None:
        """Read back every setting; and no other database may be attached."""
        found: dict[str, str] = dict(self._connection.execute(_READ_BACK).fetchall())
        for name, value in _SETTINGS.items():
            if not _is_as_asked(name, found.get(name, ""), value):
                raise UnsafeSetting(name)
        if len(self._connection.execute(_ATTACHED).fetchall()) != 1:
            raise UnsafeSetting("databases")

    def run(self, sql: str, most: int) -> tuple[Columns, Iterable[Row]]:
        self._cursor = self._connection.cursor()
        statements = self._cursor.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise duckdb.PermissionException("Only one SELECT is allowed.")
        relation = self._cursor.sql(statements[0])
        columns = list(zip(relation.columns, map(str, relation.types), strict=True))
        inexact = [any(name in kind for name in _AS_TEXT) for _, kind in columns]
        if any(inexact):
            casts = ", ".join(f"#{at}{'::VARCHAR' if cast else ''}" for at, cast in enumerate(inexact, 1))
            rows = relation.project(casts).limit(most).fetchall()
            return columns, (_read_exactly(row, columns) for row in rows)
        self._cursor.execute(statements[0])
        return columns, _fetched(self._cursor)

    def catalogue(self) -> dict[str, list[dict[str, Any]]]:
        """Tables, views, columns and keys of the file."""
        found: dict[str, list[dict[str, Any]]] = {}
        for part, sql in _CATALOGUE.items():
            rows = self._connection.execute(sql)
            names = [column[0] for column in rows.description]
            found[part] = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        return found

    def condition(self, error: Exception) -> str:
        return type(error).__name__.removesuffix("Exception")

    def clear(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None


def _is_as_asked(name: str, found: str, asked: str) -> bool:
    """The lock stands for sizes, which DuckDB writes in other units: they cannot be changed any more."""
    if name == "max_temp_directory_size":
        return found.startswith("0 ")
    if name == "memory_limit":
        return found.replace(" ", "").replace(".0", "") == asked
    return found.lower() == asked


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
        yield from rows


def _read_exactly(row: Row, columns: Columns) -> Row:
    return tuple(_exact(value, kind) for value, (_, kind) in zip(row, columns, strict=True))


def _exact(value: Any, kind: str) -> Any:
    """Python's date or timestamp where it holds all that the text says; the text otherwise."""
    if isinstance(value, str) and kind == "DATE":
        with suppress(ValueError):
            return date.fromisoformat(value)
    if isinstance(value, str) and kind.startswith("TIMESTAMP"):
        fraction = value.partition(".")[2].partition("+")[0]
        if len(fraction) <= 6:
            with suppress(ValueError):
                return datetime.fromisoformat(value)
    return value
