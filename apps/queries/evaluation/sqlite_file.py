"""Reads a benchmark's SQLite file without touching it: schema, values, and rows of a trusted query."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.common.errors import AppError
from apps.datasources.identifiers import quoted
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table

MAX_VALUES_PER_COLUMN = 20_000
SAMPLES = 5
STEPS_BETWEEN_CHECKS = 10_000

_AFFINITIES = (
    ("bool", ColumnType.BOOLEAN), ("int", ColumnType.INTEGER), ("timestamp", ColumnType.TIMESTAMP),
    ("datetime", ColumnType.TIMESTAMP), ("date", ColumnType.DATE), ("year", ColumnType.INTEGER), ("time",
    ColumnType.TIME),
    ("char", ColumnType.TEXT), ("clob", ColumnType.TEXT), ("text", ColumnType.TEXT), ("blob", ColumnType.BINARY),
    ("real", ColumnType.FLOAT), ("floa", ColumnType.FLOAT), ("doub", ColumnType.FLOAT), ("dec", ColumnType.DECIMAL),
    ("num", ColumnType.DECIMAL), ("money", ColumnType.DECIMAL),
)  # fmt: skip


class QueryFailed(AppError):
    """The database refused a query or ran out of time."""

    code = "query_failed"


def connect(path: Path) -> sqlite3.Connection:
    """Open a SQLite file that cannot be changed through the connection; bad bytes become U+FFFD."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def run(connection: sqlite3.Connection, sql: str, *, timeout_seconds: float, max_rows: int) -> list[tuple[Any, ...]]:
    """All rows of a query, at most `max_rows`. Raises QueryFailed where it fails or takes too long."""
    deadline = time.monotonic() + timeout_seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_CHECKS)
    try:
        return connection.execute(sql).fetchmany(max_rows)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise QueryFailed(str(error)) from error
    finally:
        connection.set_progress_handler(None, 0)


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Tables, columns, keys and a few sample values."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
    ]
    primary_keys = {name.lower(): _primary_key(connection, name) for name in names}
    return Schema("sqlite", tuple(_read_table(connection, name, primary_keys) for name in names))


def read_values(connection: sqlite3.Connection, schema: Schema) -> Iterator[tuple[str, str, str]]:
    """(table, column, value) of every distinct value in text columns, up to a limit for each column."""
    for table in schema:
        for column in table.columns:
            if column.type.is_number or column.type is ColumnType.BINARY:
                continue
            source = f"{_quoted(column.name)} FROM {_quoted(table.name)}"
            query = f"SELECT DISTINCT {source} LIMIT {MAX_VALUES_PER_COLUMN}"
            for (value,) in connection.execute(query):
                if isinstance(value, str | int | float):
                    yield table.name, column.name, str(value)


def _read_table(connection: sqlite3.Connection, name: str, primary_keys: dict[str, tuple[str, ...]]) -> Table:
    rows = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    columns = tuple(_read_column(connection, name, row) for row in rows)
    row_count = connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]  # noqa: S608 - quoted
    return Table(
        name,
        columns,
        primary_key=primary_keys[name.lower()],
        foreign_keys=tuple(_foreign_keys(connection, name, primary_keys)),
        row_count=row_count,
    )


def _read_column(connection: sqlite3.Connection, table: str, info: tuple[Any, ...]) -> Column:
    _, name, native, not_null, _, _ = info
    source = f"{_quoted(name)} FROM {_quoted(table)}"
    query = f"SELECT DISTINCT {source} WHERE {_quoted(name)} IS NOT NULL LIMIT {SAMPLES}"
    samples = tuple(str(row[0])[:60] for row in connection.execute(query))
    return Column(name, column_type(native), native, nullable=not not_null, samples=samples)


def column_type(native: str) -> ColumnType:
    """What a declared SQLite type holds; SQLite itself hardly minds."""
    lowered = native.lower()
    return next((kind for part, kind in _AFFINITIES if part in lowered), ColumnType.TEXT)


def _primary_key(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    rows = connection.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    return tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])


def _foreign_keys(
    connection: sqlite3.Connection, table: str, primary_keys: dict[str, tuple[str, ...]]
) -> Iterator[ForeignKey]:
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({_quoted(table)})"):
        grouped.setdefault(row[0], []).append(row)
    for _, rows in sorted(grouped.items()):
        target = rows[0][2]
        key = primary_keys.get(target.lower(), ())
        targets = tuple(row[4] if row[4] is not None else key[index] for index, row in enumerate(rows) if row[4] or key)
        if len(targets) == len(rows):
            yield ForeignKey(tuple(row[3] for row in rows), target, targets)


def _quoted(name: str) -> str:
    return quoted(name, "sqlite")
