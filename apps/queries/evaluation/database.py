"""Where the questions of an evaluation are put: what an engine may know of it, and its rows. No Django here."""

from collections.abc import Sequence
from typing import Protocol

from apps.datasources.access import Access
from apps.datasources.guard import SafeSql
from apps.datasources.results import ResultSet
from apps.datasources.schema import Schema

from .compare import Row


class Database(Protocol):
    """A folder's SQLite file, or a data source as one person may read it."""

    @property
    def schema(self) -> Schema:
        """What this person may see of it."""

    @property
    def access(self) -> Access:
        """The same schema, with what the guard needs beside it."""

    def check(self, sql: str) -> SafeSql:
        """The SQL as it may run. Raises UnsafeSql."""

    def run(self, safe_sql: SafeSql) -> ResultSet:
        """All its rows, as many as can be compared. Raises AppError."""

    def known_rows(self, sql: str) -> Sequence[Row]:
        """The rows of SQL that is known to be right. Raises AppError, also where they are too many to compare."""
