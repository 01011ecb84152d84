"""Sessions through a SQLAlchemy dialect, for engines whose drivers are extras: SQL Server, Snowflake, BigQuery, Trino.

One session for all; what differs is a `Profile`: how to connect, which fixed measures keep it to reading, how to stop.
Each run is a transaction of its own that is rolled back, where the engine has transactions.
"""

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy
import structlog

from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, DriverMissing, SourceUnavailable, SourceUnsafe, SqlFailed, SqlTimeout
from apps.datasources.results import ResultColumn
from apps.datasources.schema import ColumnType
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.pool import CONNECT_TIMEOUT_SECONDS, ConnectionPool
from apps.datasources.sessions.watching import watching

log = structlog.get_logger(__name__)
_CATALOGUE_TIMEOUT_SECONDS = 60.0
_ROWS_PER_BATCH = 200

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Profile:
    """What one engine needs. `settings` are fixed statements for each new connection, `read_back` is a fixed query and
    the first row that it must give, `grants` fixed queries that say what the role may write, None where nothing can.
    """

    package: str
    connect: Callable[[SourceAddress], Any]
    dialect: str
    cancel: Callable[[Any], None]
    ping: str = "SELECT 1"
    settings: tuple[str, ...] = ()
    read_back: tuple[str, tuple[Any, ...]] | None = None
    grants: tuple[str, ...] | None = None


class WarehouseSession:
    """A pool of connections to one source, made by its profile."""

    def __init__(self, address: SourceAddress, profile: Profile) -> None:
        """Raises DriverMissing when the extra is not installed."""
        _import(profile.package, address.kind.value)
        self._address, self._profile = address, profile
        self._pool = ConnectionPool(
            connect=self._connect,
            ping=lambda connection: _run_fixed(connection, (profile.ping,)),
            reset=lambda connection: connection.rollback(),
            drop=lambda connection: connection.close(),
            failures=(Exception,),
        )

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text; see `Session.stream`."""
        if cancel and cancel.is_set():
            raise Cancelled
        with self._cursor(limits.timeout_seconds, cancel) as cursor:
            cursor.execute(text)
            columns = tuple(ResultColumn(str(column[0]), ColumnType.OTHER) for column in cursor.description or ())
            left = limits.rows + 1
            while True:
                rows = [tuple(row) for row in cursor.fetchmany(min(_ROWS_PER_BATCH, left))]
                left -= len(rows)
                yield Batch(columns, rows)
                if len(rows) < _ROWS_PER_BATCH or not left:
                    break

    def catalogue(self) -> Mapping[str, Rows]:
        """Tables, columns, keys, through SQLAlchemy's inspector and its fixed SQL."""
        engine = sqlalchemy.create_engine(
            f"{self._profile.dialect}://", creator=self._connect, poolclass=sqlalchemy.pool.NullPool
        )
        try:
            return _reflected(sqlalchemy.inspect(engine), self._address.default_namespace)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise SourceUnavailable from error
        finally:
            engine.dispose()

    def test(self) -> None:
        """Connect, or see that a connection answers."""
        with self._cursor(CONNECT_TIMEOUT_SECONDS, None):
            pass

    def writes(self) -> list[str]:
        """What the role may write, where the engine can be asked."""
        if self._profile.grants is None:
            return ["whatever its role allows: the rights of this kind of source cannot be read"]
        with self._cursor(CONNECT_TIMEOUT_SECONDS, None) as cursor:
            found: list[str] = []
            for text in self._profile.grants:
                cursor.execute(text)
                found += [str(row[0]) for row in cursor.fetchall()]
            return found

    def close(self) -> None:
        self._pool.close()

    def forget(self) -> None:
        self._pool.forget()

    @contextmanager
    def _cursor(self, timeout_seconds: float, cancel: threading.Event | None) -> Iterator[Any]:
        """A cursor whose work is stopped in time; the driver's errors come out as ours."""
        with self._pool.taken() as connection:
            cursor = connection.cursor()
            stop = partial(self._profile.cancel, cursor)
            with watching(stop, timeout_seconds=timeout_seconds, cancel=cancel) as stopped:
                try:
                    yield cursor
                except (SqlFailed, GeneratorExit):
                    raise
                except Exception as error:
                    if cancel and cancel.is_set():
                        raise Cancelled from error
                    if stopped.is_set():
                        raise SqlTimeout(timeout_seconds) from error
                    log.info("sql_failed", kind=self._address.kind.value, error=type(error).__name__)
                    raise SqlFailed("The database could not run the SQL.", condition=type(error).__name__) from error
                finally:
                    with suppress(Exception):
                        cursor.close()

    def _connect(self) -> Any:
        connection = self._profile.connect(self._address)
        try:
            _run_fixed(connection, self._profile.settings)
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: Any) -> None:
        if self._profile.read_back is None:
            return
        text, expected = self._profile.read_back
        cursor = connection.cursor()
        cursor.execute(text)
        found = cursor.fetchone()
        cursor.close()
        if tuple(found or ()) != expected:
            log.error("source_session_unsafe", kind=self._address.kind.value, setting=text)
            raise SourceUnsafe


def _import(package: str, kind: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise DriverMissing(kind) from error


def _run_fixed(connection: Any, texts: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for text in texts:
        cursor.execute(text)
    cursor.close()


def _reflected(inspector: "sqlalchemy.Inspector", namespace: str | None) -> Mapping[str, Rows]:
    """The inspector's words in the form that `introspection_described.described_schema` reads."""
    found: dict[str, Rows] = {"tables": [], "columns": [], "keys": []}
    views = set(inspector.get_view_names(schema=namespace))
    for name in [*inspector.get_table_names(schema=namespace), *sorted(views)]:
        place = {"namespace": namespace, "table_name": name}
        found["tables"].append(
            {"namespace": namespace, "name": name, "comment": _comment(inspector, name, namespace), "row_count": None,
             "is_view": name in views}
        )  # fmt: skip
        found["columns"] += [
            {**place, "name": column["name"], "native_type": str(column["type"]),
             "type_name": _type_name(column["type"]), "nullable": bool(column.get("nullable", True)),
             "comment": column.get("comment") or ""}
            for column in inspector.get_columns(name, schema=namespace)
        ]  # fmt: skip
        found["keys"] += [] if name in views else list(_keys(inspector, name, namespace))
    return found


def _keys(inspector: "sqlalchemy.Inspector", table: str, namespace: str | None) -> Iterator[dict[str, Any]]:
    place = {"namespace": namespace, "table_name": table, "target_table": None, "target_namespace": None}
    primary = inspector.get_pk_constraint(table, schema=namespace)
    for name in primary.get("constrained_columns") or ():
        yield {**place, "kind": "PRIMARY KEY", "id": f"{table} primary", "name": name, "target": None}
    with suppress(NotImplementedError):
        for number, unique in enumerate(inspector.get_unique_constraints(table, schema=namespace)):
            for name in unique["column_names"]:
                yield {**place, "kind": "UNIQUE", "id": f"{table} unique {number}", "name": name, "target": None}
    for number, key in enumerate(inspector.get_foreign_keys(table, schema=namespace)):
        for name, target in zip(key["constrained_columns"], key["referred_columns"], strict=False):
            yield {
                **place, "kind": "FOREIGN KEY", "id": f"{table} foreign {number}", "name": name, "target": target,
                "target_table": key["referred_table"], "target_namespace": key["referred_schema"] or namespace,
            }  # fmt: skip


def _comment(inspector: "sqlalchemy.Inspector", table: str, namespace: str | None) -> str:
    with suppress(NotImplementedError, sqlalchemy.exc.SQLAlchemyError):
        return inspector.get_table_comment(table, schema=namespace)["text"] or ""
    return ""


def _type_name(kind: Any) -> str:
    """SQLAlchemy's own generic name, which is the same for all dialects: Integer, Numeric, DateTime …"""
    try:
        return type(kind.as_generic(allow_nulltype=True)).__name__
    except NotImplementedError:
        return type(kind).__name__
