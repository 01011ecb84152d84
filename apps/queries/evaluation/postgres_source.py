"""One PostgreSQL database as the engines see it, read once."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.common.hosts import HostPolicy
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import SafeSql, check_sql
from apps.datasources.introspection import read_schema, read_values
from apps.datasources.results import ResultSet
from apps.datasources.schema import Schema
from apps.datasources.sessions import sessions
from apps.knowledge.values import MemoryValueIndex

from .sources import MAX_BYTES, MAX_ROWS, TIMEOUT_SECONDS
from .sqlite_file import MAX_VALUES_PER_COLUMN, QueryFailed


class PostgresSource:
    """Schema, values and rows of the database `name` on the server that `server_url` names."""

    def __init__(self, server_url: str, name: str) -> None:
        self._server_url = server_url
        self._name = name
        self._url = make_conninfo(server_url, dbname=name)

    def close(self) -> None:
        """End every session of it."""
        sessions.close(self._name)
        if (connection := self.__dict__.pop("_connection", None)) is not None:
            connection.close()

    @cached_property
    def _address(self) -> SourceAddress:
        parts = {name: str(value) for name, value in conninfo_to_dict(self._server_url).items()}
        host, port = parts.get("host", ""), parts.get("port")
        return SourceAddress(
            id=self._name, kind=SourceKind.POSTGRES, host=host, port=int(port) if port else None, database=self._name,
            user=parts.get("user", ""), password=parts.get("password", ""), hosts=HostPolicy.from_list([host]),
        )  # fmt: skip

    @cached_property
    def _connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        milliseconds = round(TIMEOUT_SECONDS * 1000)
        options = f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}"
        return psycopg.connect(self._url, autocommit=True, options=options)

    @cached_property
    def schema(self) -> Schema:
        return read_schema(self._address)

    @cached_property
    def values(self) -> MemoryValueIndex:
        return MemoryValueIndex(self._values())

    def _values(self) -> Iterator[tuple[str, str, str]]:
        for table in self.schema:
            for column in table.columns:
                if not column.type.is_number:
                    found = read_values(self._address, table, column, limit=MAX_VALUES_PER_COLUMN)
                    yield from ((table.full_name, column.name, value) for value in found)

    @cached_property
    def access(self) -> Access:
        return Access(self.schema)

    def check(self, sql: str) -> SafeSql:
        """What the guard releases, with a limit that cuts off nothing worth comparing. Raises UnsafeSql."""
        return check_sql(sql, dialect=self.schema.dialect, access=self.access, row_limit=MAX_ROWS)

    def run(self, safe_sql: SafeSql) -> ResultSet:
        """The rows as the platform reads them. Raises AppError."""
        return execute(safe_sql, self._address, limits=Limits(MAX_ROWS, MAX_BYTES, TIMEOUT_SECONDS))

    def known_rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a benchmark's own SQL, which needs no guard. Raises QueryFailed."""
        try:
            return self._connection.execute(sql.encode()).fetchmany(MAX_ROWS)
        except psycopg.Error as error:
            raise QueryFailed(str(error)) from error
