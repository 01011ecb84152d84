"""MySQL and MariaDB sessions: pooled connections on which only reading is possible.

Walls behind the guard: a protocol without several statements and without files of ours, a session that is read-only by
default and read back at each connect, a READ ONLY transaction, the server's own time limit, and KILL QUERY from a
second connection on cancel.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pymysql
import structlog
from pymysql.connections import Connection
from pymysql.constants import CLIENT
from pymysql.cursors import DictCursor, SSCursor

from apps.common.hosts import HostRefused, check_host
from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SourceUnsafe, SqlTimeout
from apps.datasources.options import OFF
from apps.datasources.results import ResultColumn, Row
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.mysql_catalogue import CATALOGUE
from apps.datasources.sessions.mysql_errors import failure_of, is_timeout
from apps.datasources.sessions.mysql_grants import writes_of
from apps.datasources.sessions.mysql_types import CONVERTERS, type_of
from apps.datasources.sessions.pool import CONNECT_TIMEOUT_SECONDS, ConnectionPool
from apps.datasources.sessions.tls import python_context, tls_of
from apps.datasources.sessions.watching import watching

log = structlog.get_logger(__name__)

_PORT = 3306
_SOCKET_NAME = "mysqld.sock"
_CATALOGUE_TIMEOUT_SECONDS = 60.0
_SILENCE_SECONDS = 10
_ROWS_PER_BATCH = 200
_RESET_CONNECTION = 0x1F

# The SQL that the guard released is read by the rules of this mode, whatever the server's default is.
_SQL_MODE = frozenset({"STRICT_TRANS_TABLES", "ERROR_FOR_DIVISION_BY_ZERO", "NO_ENGINE_SUBSTITUTION"})
_SETTINGS = (
    f"SET SESSION sql_mode = '{','.join(sorted(_SQL_MODE))}', time_zone = '+00:00', innodb_lock_wait_timeout = 2, "
    "lock_wait_timeout = 2",
    "SET SESSION TRANSACTION READ ONLY",
)
# MariaDB cuts a recursion short at 1,000 rounds, with a warning that nobody sees: an answer would be wrong.
_MARIADB_SETTINGS = ("SET SESSION max_recursive_iterations = 4294967295",)
_READ_BACK = """
    SHOW SESSION VARIABLES WHERE Variable_name IN (
        'sql_mode', 'time_zone', 'tx_read_only', 'transaction_read_only', 'character_set_client', 'lock_wait_timeout'
    )
"""
_BEGIN = "START TRANSACTION READ ONLY"


class MySqlSession:
    """A pool of read-only connections to one MySQL or MariaDB source."""

    def __init__(self, address: SourceAddress) -> None:
        self._address = address
        self._pool = ConnectionPool(
            connect=lambda: _connect(address),
            ping=lambda connection: connection.ping(reconnect=False),
            reset=_discard_state,
            drop=_drop,
            failures=(pymysql.MySQLError,),
        )

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text in a transaction of its own; see `Session.stream`."""
        if cancel and cancel.is_set():
            raise Cancelled
        with self._reading(limits.timeout_seconds, cancel) as connection:
            cursor = connection.cursor(SSCursor)
            cursor.execute(text)
            columns = tuple(ResultColumn(column[0], type_of(column[1])) for column in cursor.description or ())
            left = limits.rows + 1
            while True:
                rows: list[Row] = list(cursor.fetchmany(min(_ROWS_PER_BATCH, left)))
                left -= len(rows)
                yield Batch(columns, rows)
                if len(rows) < _ROWS_PER_BATCH or not left:
                    break
            if left:
                cursor.close()  # read to its end; where there may be more, the connection is dropped instead

    def catalogue(self) -> Mapping[str, list[dict[str, Any]]]:
        """Tables, columns, keys: see `mysql_catalogue`."""
        with self._reading(_CATALOGUE_TIMEOUT_SECONDS, None) as connection, connection.cursor(DictCursor) as cursor:
            found = {}
            for name, text in CATALOGUE.items():
                cursor.execute(text)
                found[name] = list(cursor.fetchall())
            return found

    def test(self) -> None:
        """Connect and begin a read-only transaction."""
        with self._reading(CONNECT_TIMEOUT_SECONDS, None):
            pass

    def writes(self) -> list[str]:
        """What the role may do beside reading; see `mysql_grants`."""
        with self._reading(CONNECT_TIMEOUT_SECONDS, None) as connection, connection.cursor() as cursor:
            return writes_of(cursor)

    def close(self) -> None:
        self._pool.close()

    def forget(self) -> None:
        self._pool.forget()

    @contextmanager
    def _reading(self, timeout_seconds: float, cancel: threading.Event | None) -> Iterator[Connection]:
        """A connection inside a read-only transaction that ends with the block; errors come out as ours."""
        with self._pool.taken() as connection:
            stop = partial(self._kill, connection.thread_id())
            with watching(stop, timeout_seconds=timeout_seconds, cancel=cancel) as stopped:
                try:
                    _begin(connection, timeout_seconds)
                    yield connection
                    connection.rollback()
                except pymysql.MySQLError as error:
                    if cancel and cancel.is_set():
                        raise Cancelled from error
                    if stopped.is_set() or is_timeout(error):
                        raise SqlTimeout(timeout_seconds) from error
                    raise failure_of(error) from error

    def _kill(self, thread_id: int) -> None:
        """End the statement of another connection of ours, by a connection of its own."""
        killer = _connect(self._address)
        try:
            killer.query(f"KILL QUERY {thread_id:d}")
        finally:
            killer.close()


def _connect(address: SourceAddress) -> Connection:
    """A connection with its settings made and read back, to an address of the host that was checked just now.

    Raises: SourceUnavailable, SourceUnsafe, or an error of the driver's.
    """
    try:
        host = check_host(address.host, address.hosts)
    except HostRefused as error:
        raise SourceUnavailable from error
    connection = Connection(
        host=host.name,
        user=address.user,
        password=address.password,
        database=address.database,
        charset="utf8mb4",
        local_infile=False,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=_SILENCE_SECONDS,
        write_timeout=_SILENCE_SECONDS,
        conv=CONVERTERS,
        program_name="parley",
        ssl=python_context(address, host),
        ssl_disabled=not host.addresses or tls_of(address, host) == OFF,
        autocommit=None,
        defer_connect=True,
    )
    connection.connect(_socket(host.addresses, host.name, address.port or _PORT))
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _socket(addresses: tuple[str, ...], folder: str, port: int) -> socket.socket:
    """Connected to the first address that answers, or to the socket in that folder. Raises OSError."""
    if not addresses:
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.settimeout(CONNECT_TIMEOUT_SECONDS)
        local.connect(f"{folder}/{_SOCKET_NAME}")
        return local
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), CONNECT_TIMEOUT_SECONDS / len(addresses))
    return socket.create_connection((addresses[-1], port), CONNECT_TIMEOUT_SECONDS / len(addresses))


def _prepare(connection: Connection) -> None:
    """Make the session's settings, and read them back. Raises SourceUnsafe."""
    connection.client_flag &= ~(CLIENT.MULTI_STATEMENTS | CLIENT.LOCAL_FILES)
    with connection.cursor() as cursor:
        for text in _SETTINGS + (_MARIADB_SETTINGS if _is_mariadb(connection) else ()):
            cursor.execute(text)
        cursor.execute(_READ_BACK)
        found = {str(name): str(value) for name, value in cursor.fetchall()}
    wrong = _wrong_setting(found)
    if wrong:
        log.error("source_session_unsafe", kind="mysql", setting=wrong)
        raise SourceUnsafe


def _wrong_setting(found: Mapping[str, str]) -> str | None:
    """The first setting that is not as asked."""
    if frozenset(found.get("sql_mode", "").split(",")) != _SQL_MODE:
        return "sql_mode"
    if found.get("transaction_read_only", found.get("tx_read_only")) != "ON":
        return "transaction_read_only"
    if found.get("character_set_client") != "utf8mb4":
        return "character_set_client"
    expected = {"time_zone": "+00:00", "lock_wait_timeout": "2"}
    return next((name for name, value in expected.items() if found.get(name) != value), None)


def _begin(connection: Connection, timeout_seconds: float) -> None:
    """Begin a READ ONLY transaction whose statements the server itself ends in time."""
    connection._read_timeout = timeout_seconds + _SILENCE_SECONDS
    limit = (
        f"SET SESSION max_statement_time = {timeout_seconds:.3f}"
        if _is_mariadb(connection)
        else f"SET SESSION max_execution_time = {max(1, round(timeout_seconds * 1000))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(limit)
        cursor.execute(_BEGIN)


def _is_mariadb(connection: Connection) -> bool:
    return "mariadb" in connection.get_server_info().lower()


def _discard_state(connection: Connection) -> None:
    """Before a connection goes back to the pool: variables, locks and temporary tables of the last user are gone."""
    connection._execute_command(_RESET_CONNECTION, b"")
    connection._read_ok_packet()
    connection.set_character_set("utf8mb4")
    _prepare(connection)


def _drop(connection: Connection) -> None:
    """Close the socket under whatever is still being sent: an unread result would be read to its end otherwise."""
    if connection._result is not None:
        connection._result.unbuffered_active = False
    connection._force_close()
