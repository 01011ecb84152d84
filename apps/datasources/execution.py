"""The one choke point: the only code that sends SQL to a customer's database, and it takes nothing but a SafeSql."""

import threading
import time
from contextlib import closing

from apps.common.errors import AppError
from apps.common.turns import TURNS
from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SqlFailed, SqlTimeout, TooManyColumns
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
    "TooManyColumns",
    "execute",
    "stream",
    "test_connection",
    "writes_of",
]


def execute(
    safe_sql: SafeSql, address: SourceAddress, *, limits: Limits, cancel: threading.Event | None = None
) -> ResultSet:
    """Run released SQL and bring back at most `limits.rows` rows and `limits.bytes` bytes.

    Setting `cancel` stops the work in the database itself.

    Raises: SourceUnavailable, SqlTimeout, SqlFailed, Cancelled, TooManyColumns.
    """
    started = time.monotonic()
    rows: list[Row] = []
    truncated = False
    columns: tuple[ResultColumn, ...] = ()
    with TURNS.waiting(), closing(stream(safe_sql, address, limits=limits, cancel=cancel)) as batches:
        for batch in batches:
            columns = batch.columns
            rows += batch.rows
            truncated = batch.truncated
    truncated = truncated or (safe_sql.capped and len(rows) >= safe_sql.row_limit)
    return ResultSet(_typed(columns, rows), tuple(rows), truncated, round((time.monotonic() - started) * 1000))


def stream(
    safe_sql: SafeSql, address: SourceAddress, *, limits: Limits, cancel: threading.Event | None = None
) -> Batches:
    """The rows batch by batch, at most `limits.rows` and `limits.bytes` of them, for exports.

    There is always a first batch, if only for its columns; the last one says whether there was more. Closing the
    generator stops the work. Raises TooManyColumns rather than leave some out.
    """
    _check(safe_sql, address)
    batches = session_for(address).stream(safe_sql.text, limits, cancel)
    return _trimmed(_measured(batches, address.kind), limits)


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
    if "\0" in safe_sql.text:
        raise SqlFailed("SQL holds no NUL character.")  # a driver would run what stands before it


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


def _trimmed(batches: Batches, limits: Limits) -> Batches:
    """The same batches up to the limits; the last one says whether there was more."""
    rows_left, bytes_left = limits.rows, limits.bytes
    with closing(batches):
        for batch in batches:
            if len(batch.columns) > limits.columns:
                raise TooManyColumns(len(batch.columns), limits.columns)
            kept = _within(batch.rows[:rows_left], bytes_left)
            rows_left -= len(kept)
            bytes_left -= sum(map(size_of, kept))
            cut = batch.truncated or len(kept) < len(batch.rows)
            yield Batch(batch.columns, kept, truncated=cut)
            if cut:
                return


def _within(rows: list[Row], most_bytes: int) -> list[Row]:
    """The first rows that together take no more than `most_bytes`."""
    for position, row in enumerate(rows):
        most_bytes -= size_of(row)
        if most_bytes < 0:
            return rows[:position]
    return rows
