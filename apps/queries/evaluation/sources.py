"""A benchmark's database as the engines see it, read once."""

import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import SafeSql, check_sql
from apps.datasources.results import ResultSet
from apps.datasources.schema import Schema
from apps.knowledge.values import MemoryValueIndex

from .sqlite_file import connect, read_schema, read_values, run

TIMEOUT_SECONDS = 10.0
MAX_ROWS = 100_000
MAX_BYTES = 256 * 1024 * 1024


class SqliteSource:
    """Schema, values and rows of one SQLite file, opened for reading only. For one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        return connect(self.path)

    @cached_property
    def schema(self) -> Schema:
        return read_schema(self._connection)

    @cached_property
    def values(self) -> MemoryValueIndex:
        return MemoryValueIndex(read_values(self._connection, self.schema))

    @cached_property
    def access(self) -> Access:
        return Access(self.schema)

    @cached_property
    def _address(self) -> SourceAddress:
        return SourceAddress(id=f"evaluation:{self.path}", kind=SourceKind.SQLITE, path=str(self.path.resolve()))

    def check(self, sql: str) -> SafeSql:
        """What the guard releases, with a limit that cuts off nothing worth comparing. Raises UnsafeSql."""
        return check_sql(sql, dialect=self.schema.dialect, access=self.access, row_limit=MAX_ROWS)

    def run(self, safe_sql: SafeSql) -> ResultSet:
        """The rows as the platform reads them. Raises AppError."""
        return execute(safe_sql, self._address, limits=Limits(MAX_ROWS, MAX_BYTES, TIMEOUT_SECONDS))

    def known_rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a benchmark's own SQL, which needs no guard. Raises QueryFailed."""
        return self.rows(sql)

    def rows(self, sql: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> list[tuple[Any, ...]]:
        """All rows of a trusted query. Raises QueryFailed."""
        return run(self._connection, sql, timeout_seconds=timeout_seconds, max_rows=MAX_ROWS)
