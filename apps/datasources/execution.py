"""The one choke point: the only code that sends SQL to a customer's database, and it takes nothing but a SafeSql."""

import threading
import time
from contextlib import closing

from apps.common.errors import AppError
from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SqlFailed, SqlTimeout
from apps.datasources.guard import SafeSql
from apps.datasources.results import ResultColumn, ResultSet, Row, size_of, types_of
from apps.datasources.schema import ColumnType
from apps.datasources.sessions import session_for
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.monitoring.metrics import SQL_FAILURES, SQL_SECONDS

__all__ = [
    "Cancelled",
    "Limits",
    "SourceUnavailable",
    "SqlFailed",
    "SqlTimeout",
    "execute",
    "stream",
    "test_connection",
    "writes_of",
]


def execute(
    safe_sql: SafeSql, address: SourceAddress, *, limits: Limits, cancel: threading.Event | None = None
) -> ResultSet:
    """Run released SQL and bring back at most `limits.rows` rows and `limits.bytes` bytes.

    Setting `cancel` stops the work in the database itself. Raises SourceUnavailable, SqlTimeout, SqlFailed, Cancelled.
    """
    started = time.monotonic()
    rows: list[Row] = []
    size = 0
    truncated = False
    columns: tuple[ResultColumn, ...] = ()
    with closing(stream(safe_sql, address, limits=limits, cancel=cancel)) as batches:
        for batch in batches:
            columns = batch.columns
            kept, size = _within(batch.rows, limits.bytes, size)
            rows += kept
            truncated = batch.truncated or len(kept) < len(batch.rows)
            if truncated:
                break
    truncated = truncated or (safe_sql.capped and len(rows) >= safe_sql.row_limit)
    return ResultSet(_typed(columns, rows), tuple(rows), truncated, round((time.monotonic() - started) * 1000))


def stream(
    safe_sql: SafeSql, address: SourceAddress, *, limits: Limits, cancel: threading.Event | None = None
) -> Batches:
    """The rows batch by batch, at most `limits.rows` of them, for exports: `limits.bytes` is the caller's to keep.

    There is always a first batch, if only for its columns. Closing the generator stops the work.
    """
    _check(safe_sql, address)
    batches = session_for(address).stream(safe_sql.text, limits, cancel)
    return _trimmed(_measured(batches, address.kind), limits.rows)


def test_connection(address: SourceAddress) -> None:
    """Raise SourceUnavailable when the data source cannot be used."""
    session_for(address).test()


def writes_of(address: SourceAddress) -> list[str]:
    """In words: each thing that the source's role may do beside reading. Raises SourceUnavailable."""
    return session_for(address).writes()


def _check(safe_sql: SafeSql, address: SourceAddress) -> None:
    """The type checker sees to it as well; this holds where nobody runs one."""
    if type(safe_sql) is not SafeSql:
        raise TypeError("Only SQL that the guard released can be run.")
    if safe_sql.dialect != address.dialect:
        raise ValueError("This SQL was checked for another kind of data source.")


def _measured(batches: Batches, kind: str) -> Batches:
    """The same batches, with the time that the source took for them counted: not the time that their reader takes."""
    seconds = 0.0
    try:
        with closing(batches):
            while True:
                started = time.monotonic()
                try:
                    batch = next(batches)
                except StopIteration:
                    return
                finally:
                    seconds += time.monotonic() - started
                yield batch
    except AppError as error:
        SQL_FAILURES.labels(kind, error.error_code).inc()
        raise
    finally:
        SQL_SECONDS.labels(kind).observe(seconds)


def _typed(columns: tuple[ResultColumn, ...], rows: list[Row]) -> tuple[ResultColumn, ...]:
    """Engines without types for what they put out get them from the values."""
    if all(column.type is not ColumnType.OTHER for column in columns):
        return columns
    found = types_of(rows, len(columns))
    return tuple(
        ResultColumn(column.name, column.type if column.type is not ColumnType.OTHER else kind)
        for column, kind in zip(columns, found, strict=True)
    )


def _trimmed(batches: Batches, most: int) -> Batches:
    """The same batches up to `most` rows; the last one says whether there were more."""
    left = most
    with closing(batches):
        for batch in batches:
            if len(batch.rows) > left:
                yield Batch(batch.columns, batch.rows[:left], truncated=True)
                return
            left -= len(batch.rows)
            yield batch


def _within(rows: list[Row], most_bytes: int, size: int) -> tuple[list[Row], int]:
    """The first rows that fit into what is left of `most_bytes` after `size`, and the new size."""
    for position, row in enumerate(rows):
        size += size_of(row)
        if size > most_bytes:
            return rows[:position], size
    return rows, size
