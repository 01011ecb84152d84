"""Reads one SQLite file: read-only, with an authorizer that knows only reading."""

import sqlite3
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import quote

from apps.datasources.child.messages import Row
from apps.datasources.child.readers import COMMON_ERRORS, Columns, UnsafeSetting

_MEBIBYTE = 1024 * 1024
_ROWS_AT_A_TIME = 100
_ALLOWED_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir", "lsmode"}
# What is set for the file, and what it reads back as.
_SETTINGS = {"query_only": 1, "trusted_schema": 0, "cell_size_check": 1, "temp_store": 2, "mmap_size": 0}
_TABLES = r"""
    SELECT name, type AS kind FROM sqlite_schema
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid
"""
_DETAILS = {
    "columns": 'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid',
    "foreign_keys": """
        SELECT id, "table" AS target_table, "from" AS name, "to" AS target
        FROM pragma_foreign_key_list(?) ORDER BY id, seq
    """,
    "unique_keys": """
        SELECT l.name AS id, i.name AS name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i
        WHERE l."unique" AND l.origin = 'u' AND NOT l.partial ORDER BY l.seq, i.seqno
    """,
}
_SQL_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 64 * _MEBIBYTE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 256 * 1024,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class SqliteReader:
    """One SQLite file, read-only, with everything off that is not reading."""

    memory_bytes: ClassVar[int] = 1024 * _MEBIBYTE
    threads: ClassVar[int] = 1
    errors: ClassVar[tuple[type[Exception], ...]] = (sqlite3.Error, sqlite3.Warning, *COMMON_ERRORS)

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(
            f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, cached_statements=16
        )
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for name, value in _SETTINGS.items():
            self._connection.execute(f"PRAGMA {name} = {value}")
        for category, most in _SQL_LIMITS.items():
            self._connection.setlimit(category, most)
        self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        self._cursor: sqlite3.Cursor | None = None

    def check_settings(self) -> None:
        """Read back every setting and limit; and no other database may be attached."""
        for name, value in _SETTINGS.items():
            row = self._connection.execute(f"PRAGMA {name}").fetchone()
            if (row[0] if row else 0) != value:  # a build that cannot map memory has no mmap_size
                raise UnsafeSetting(name)
        for category, most in _SQL_LIMITS.items():
            if self._connection.getlimit(category) > most:
                raise UnsafeSetting(f"limit {category}")
        attached = [row[1] for row in self._connection.execute("PRAGMA database_list")]
        if set(attached) - {"main", "temp"}:
            raise UnsafeSetting("database_list")

    def run(self, sql: str, most: int) -> tuple[Columns, Iterable[Row]]:
        self._connection.set_authorizer(_authorize)
        self._cursor = self._connection.execute(sql)
        self._cursor.arraysize = min(_ROWS_AT_A_TIME, most)
        return [(column[0], "") for column in self._cursor.description or ()], self._cursor

    def catalogue(self) -> dict[str, list[dict[str, Any]]]:
        """Tables with their columns and keys."""
        self._connection.set_authorizer(None)
        self._connection.row_factory = sqlite3.Row
        try:
            tables = [dict(row) for row in self._connection.execute(_TABLES)]
            details = {
                part: [row for table in tables for row in self._details(sql, table["name"])]
                for part, sql in _DETAILS.items()
            }
        finally:
            self._connection.row_factory = None
        return {"tables": tables, **details}

    def condition(self, error: Exception) -> str:
        return str(getattr(error, "sqlite_errorname", ""))

    def clear(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    def _details(self, sql: str, table: str) -> list[dict[str, Any]]:
        try:
            return [{"table_name": table, **dict(row)} for row in self._connection.execute(sql, [table])]
        except sqlite3.Error:
            return []  # a view over something that is gone has no columns; the other tables still have theirs


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """Reading, functions and recursion; nothing else exists for a statement."""
    if action not in _ALLOWED_ACTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
