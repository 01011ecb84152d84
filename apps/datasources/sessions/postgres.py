"""PostgreSQL sessions: pooled connections on which only reading is possible, whatever text arrives.

Three walls behind the guard: the connection's defaults (read-only, timeouts, search path), a READ ONLY transaction
whose first query is ours, so that nothing can turn it round, and the extended protocol, which takes one statement.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
import sqlalchemy
from psycopg.rows import dict_row
from sqlalchemy import event
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SqlTimeout
from apps.datasources.results import ResultColumn, Row
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.postgres_catalogue import CATALOGUE
from apps.datasources.sessions.postgres_errors import failure_of
from apps.datasources.sessions.postgres_types import register_exact_loaders, type_of

_POOL_SIZE = 5
_POOL_OVERFLOW = 5
_POOL_WAIT_SECONDS = 10
_RECYCLE_SECONDS = 1_800
_CONNECT_TIMEOUT_SECONDS = 10
_CATALOGUE_TIMEOUT_SECONDS = 60.0
_ROWS_PER_BATCH = 500
_WATCH_SECONDS = 0.05

# Startup settings: RESET and DISCARD return to these, so a session cannot shake them off for the next one.
_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
    "standard_conforming_strings": "on",
    "IntervalStyle": "iso_8601",
    "DateStyle": "ISO",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "transform_null_equals": "off",
}
_BEGIN = """
    SELECT set_config('statement_timeout', %s, true), current_setting('transaction_read_only'),
           current_setting('standard_conforming_strings')
"""


class PostgresSession:
    """A pool of read-only connections to one PostgreSQL source."""

    def __init__(self, address: SourceAddress) -> None:
        self._engine = sqlalchemy.create_engine(
            _url(address),
            connect_args=_connect_args(address),
            poolclass=QueuePool,
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_OVERFLOW,
            pool_timeout=_POOL_WAIT_SECONDS,
            pool_recycle=_RECYCLE_SECONDS,
            pool_pre_ping=True,
            pool_reset_on_return=None,
        )
        event.listen(self._engine, "connect", _prepare_connection)
        event.listen(self._engine, "reset", _discard_state)

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text in a transaction of its own; see `Session.stream`."""
        if cancel and cancel.is_set():
            raise Cancelled
        with self._reading(limits.timeout_seconds, cancel) as connection, connection.cursor() as cursor:
            rows: list[Row] = []
            columns: tuple[ResultColumn, ...] | None = None
            for row in islice(cursor.stream(text, size=_ROWS_PER_BATCH), limits.rows + 1):
                columns = columns or _columns(cursor)
                rows.append(row)
                if len(rows) == _ROWS_PER_BATCH:
                    yield Batch(columns, rows)
                    rows = []
            yield Batch(columns or _columns(cursor), rows)

    def catalogue(self) -> Mapping[str, list[dict[str, Any]]]:
        """Tables, columns, keys: see `postgres_catalogue`."""
        with (
            self._reading(_CATALOGUE_TIMEOUT_SECONDS, None) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return {name: cursor.execute(text).fetchall() for name, text in CATALOGUE.items()}

    def test(self) -> None:
        """Connect and begin a read-only transaction."""
        with self._reading(_CONNECT_TIMEOUT_SECONDS, None):
            pass

    def close(self) -> None:
        self._engine.dispose()

    def forget(self) -> None:
        self._engine.dispose(close=False)

    @contextmanager
    def _reading(
        self, timeout_seconds: float, cancel: threading.Event | None
    ) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        """A connection inside a read-only transaction that ends with the block; errors come out as ours."""
        pooled = self._connect()
        try:
            connection: psycopg.Connection[tuple[Any, ...]] = pooled.driver_connection  # type: ignore[assignment]
            try:
                _begin(connection, timeout_seconds)
                with _watching(connection, cancel):
                    yield connection
                connection.rollback()
            except psycopg.errors.QueryCanceled as error:
                if cancel and cancel.is_set():
                    raise Cancelled from error
                raise SqlTimeout(timeout_seconds) from error
            except psycopg.Error as error:
                raise failure_of(error) from error
        except BaseException:
            _drop_unless_idle(pooled)
            raise
        finally:
            pooled.close()

    def _connect(self) -> PoolProxiedConnection:
        try:
            return self._engine.raw_connection()
        except (sqlalchemy.exc.SQLAlchemyError, psycopg.Error, OSError, UnicodeError) as error:
            raise SourceUnavailable from error


def _url(address: SourceAddress) -> sqlalchemy.URL:
    return sqlalchemy.URL.create(
        "postgresql+psycopg",
        username=address.user or None,
        password=address.password or None,
        host=address.host or None,
        port=address.port,
        database=address.database,
    )


def _connect_args(address: SourceAddress) -> dict[str, Any]:
    namespace = (address.default_namespace or "").replace('"', '""')
    settings = {**_SETTINGS, "search_path": f'"{namespace}",pg_temp'}
    escaped = {name: value.replace("\\", "\\\\").replace(" ", "\\ ") for name, value in settings.items()}
    arguments: dict[str, Any] = {
        "options": " ".join(f"-c {name}={value}" for name, value in escaped.items()),
        "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
        "application_name": "parley",
        "client_encoding": "utf8",
        "keepalives_idle": 30,
        "tcp_user_timeout": 60_000,
        "prepare_threshold": None,
    }
    if "sslmode" in address.options:
        arguments["sslmode"] = address.options["sslmode"]
    return arguments


def _prepare_connection(connection: Any, record: Any) -> None:
    register_exact_loaders(connection.adapters)


def _discard_state(connection: Any, record: Any, state: Any) -> None:
    """Before a connection goes back to the pool: locks, settings, cursors and listeners of the last one are gone."""
    if state.terminate_only:
        return
    connection.rollback()
    connection.autocommit = True
    connection.execute("DISCARD ALL")
    connection.autocommit = False


def _begin(connection: "psycopg.Connection[tuple[Any, ...]]", timeout_seconds: float) -> None:
    """Begin READ ONLY with a query of ours first: after it no statement can make the transaction writable."""
    connection.read_only = True
    settings = connection.execute(_BEGIN, [f"{max(1, round(timeout_seconds * 1000))}ms"]).fetchone()
    if settings is None or settings[1:] != ("on", "on"):
        raise SourceUnavailable


@contextmanager
def _watching(connection: "psycopg.Connection[tuple[Any, ...]]", cancel: threading.Event | None) -> Iterator[None]:
    """Carry a cancellation to the server while the block waits for it."""
    if cancel is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            if cancel.is_set():
                connection.cancel_safe(timeout=_CONNECT_TIMEOUT_SECONDS)
                return

    watcher = threading.Thread(target=watch, name="cancel-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _drop_unless_idle(pooled: PoolProxiedConnection) -> None:
    """A connection in an unknown state is closed rather than used again."""
    connection: Any = pooled.driver_connection
    if connection is None or connection.closed:
        pooled.invalidate()
        return
    try:
        connection.rollback()
    except psycopg.Error:
        pooled.invalidate()


def _columns(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(column.name, type_of(column.type_code)) for column in cursor.description or ())
