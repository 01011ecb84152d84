"""A benchmark's database as the engines see it, read once."""

import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

from apps.datasources.schema import Schema
from apps.knowledge.values import MemoryValueIndex

from .sqlite_file import connect, read_schema, read_values, run

TIMEOUT_SECONDS = 10.0
MAX_ROWS = 100_000


class SqliteSource:
    """Schema, values and rows of one SQLite file, opened for reading only."""

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

    def rows(self, sql: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> list[tuple[Any, ...]]:
        """All rows of a trusted query. Raises QueryFailed."""
        return run(self._connection, sql, timeout_seconds=timeout_seconds, max_rows=MAX_ROWS)
