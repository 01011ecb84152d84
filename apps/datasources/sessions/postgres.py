"""PostgreSQL sessions: pooled connections on which only reading is possible, whatever text arrives.

Three walls behind the guard: the connection's defaults (read-only, timeouts, search path), a READ ONLY transaction
whose first query is ours, so that nothing can turn it round, and the extended protocol, which takes one statement.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import psycopg
import structlog
from psycopg.rows import dict_row

from apps.common.hosts import HostRefused, check_host
from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SourceUnsafe, SqlTimeout
from apps.datasources.results import ResultColumn, Row
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.pool import CONNECT_TIMEOUT_SECONDS, ConnectionPool
from apps.datasources.sessions.postgres_catalogue import CATALOGUE
from apps.datasources.sessions.postgres_errors import failure_of
from apps.datasources.sessions.postgres_grants import GRANTS
from apps.datasources.sessions.postgres_types import register_exact_loaders, type_of
from apps.datasources.sessions.tls import LibpqTls
from apps.datasources.sessions.watching import watching

log = structlog.get_logger(__name__)
Connection = psycopg.Connection[tuple[Any, ...]]

_ADDRESSES_TRIED = 2
_CATALOGUE_TIMEOUT_SECONDS = 60.0
_ROWS_PER_BATCH = 100

_ALIVE = "SELECT 1"
_DISCARD = "DISCARD ALL"

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
# What each transaction is begun with, and must read back.
_READ_BACK = {
    "transaction_read_only": "on",
    "default_transaction_read_only": "on",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "lock_timeout": "2s",
}
# The name tells the customer's administrator which of our queries is at work: its correlation id is in our logs.
_BEGIN = "SELECT set_config('statement_timeout', %s, true) || set_config('application_name', %s, true), " + ", ".join(
    f"current_setting('{name}')" for name in _READ_BACK
)


class PostgresSession:
    """A pool of read-only connections to one PostgreSQL source."""

    def __init__(self, address: SourceAddress) -> None:
        tls = LibpqTls(address)
        self._pool = ConnectionPool(
            connect=lambda: _connect(address, tls),
            ping=_ping,
            reset=_discard_state,
            drop=lambda connection: connection.close(),
            failures=(psycopg.Error,),
        )

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
        with self._reading(CONNECT_TIMEOUT_SECONDS, None):
            pass

    def writes(self) -> list[str]:
        """What the role may do beside reading; see `postgres_grants`."""
        with self._reading(_CATALOGUE_TIMEOUT_SECONDS, None) as connection:
            return [str(row[0]) for text in GRANTS for row in connection.execute(text).fetchall()]

    def close(self) -> None:
        self._pool.close()

    def forget(self) -> None:
        self._pool.forget()

    @contextmanager
    def _reading(self, timeout_seconds: float, cancel: threading.Event | None) -> Iterator[Connection]:
        """A connection inside a read-only transaction that ends with the block; errors come out as ours."""
        with self._pool.taken() as connection:
            stop = partial(connection.cancel_safe, timeout=CONNECT_TIMEOUT_SECONDS)
            with watching(stop, timeout_seconds=timeout_seconds, cancel=cancel):
                try:
                    _begin(connection, timeout_seconds)
                    yield connection
                    connection.rollback()
                except psycopg.errors.QueryCanceled as error:
                    if cancel and cancel.is_set():
                        raise Cancelled from error
                    raise SqlTimeout(timeout_seconds) from error
                except psycopg.Error as error:
                    raise failure_of(error) from error


def _connect(address: SourceAddress, tls: LibpqTls) -> Connection:
    """A connection to addresses of the host that were checked just now. Raises SourceUnavailable, psycopg.Error."""
    try:
        host = check_host(address.host, address.hosts)
    except HostRefused as error:
        raise SourceUnavailable from error
    tried = host.addresses[:_ADDRESSES_TRIED]
    place: dict[str, Any] = {"host": host.name}
    if tried:
        place = {"host": ",".join([host.name] * len(tried)), "hostaddr": ",".join(tried)}
    arguments: dict[str, Any] = {
        **place,
        "port": address.port,
        "user": address.user or None,
        "password": address.password or None,
        "passfile": os.devnull,
        "dbname": address.database,
        "connect_timeout": max(2, CONNECT_TIMEOUT_SECONDS // max(1, len(tried))),
        **_connect_args(address),
        **tls.arguments(host),
    }
    connection: Connection = psycopg.connect(**arguments)
    register_exact_loaders(connection.adapters)
    return connection


def _ping(connection: Connection) -> None:
    connection.execute(_ALIVE)
    connection.rollback()


def _connect_args(address: SourceAddress) -> dict[str, Any]:
    namespace = (address.default_namespace or "").replace('"', '""')
    settings = {**_SETTINGS, "search_path": f'"{namespace}",pg_temp'}
    escaped = {name: value.replace("\\", "\\\\").replace(" ", "\\ ") for name, value in settings.items()}
    arguments: dict[str, Any] = {
        "options": " ".join(f"-c {name}={value}" for name, value in escaped.items()),
        "application_name": "parley",
        "client_encoding": "utf8",
        "keepalives_idle": 30,
        "tcp_user_timeout": 60_000,
        "prepare_threshold": None,
    }
    return arguments


def _discard_state(connection: Connection) -> None:
    """Before a connection goes back to the pool: locks, settings, cursors and listeners of the last one are gone."""
    connection.rollback()
    connection.autocommit = True
    connection.execute(_DISCARD)
    connection.autocommit = False


def _begin(connection: Connection, timeout_seconds: float) -> None:
    """Begin READ ONLY with a query of ours first: after it no statement can make the transaction writable."""
    connection.read_only = True
    known_as = f"parley {structlog.contextvars.get_contextvars().get('correlation_id', '')}".strip()
    found = connection.execute(_BEGIN, [f"{max(1, round(timeout_seconds * 1000))}ms", known_as]).fetchone() or ()
    for (name, asked), value in zip(_READ_BACK.items(), found[1:], strict=True):
        if value != asked:
            log.error("source_session_unsafe", kind="postgres", setting=name)
            raise SourceUnsafe


def _columns(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(column.name, type_of(column.type_code)) for column in cursor.description or ())
