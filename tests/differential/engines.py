"""Engines on which released text runs with every right there is, so that only the guard is between it and a change."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb
import psycopg
import pymysql

from apps.datasources.access import Access
from apps.datasources.schema import Column, ColumnType, Schema, Table
from tests.differential.state import server_state, session_state
from tests.differential.visible import visible_access

_SECONDS = 2.0
# What a person may not see; everything else of the set-up they may.
HIDDEN = "secrets"


class Engine(Protocol):
    """One engine with the tables of its set-up."""

    dialect: str
    access: Access

    def run(self, text: str) -> None:
        """Run released text with every right; errors of the engine do not matter."""

    def state(self) -> object:
        """Everything that a statement could have changed."""


class PostgresEngine:
    """A database of its own, as its superuser."""

    dialect = "postgres"

    def __init__(self, url: str, database: str, setup: str) -> None:
        options = "-c statement_timeout=2s -c client_min_messages=error"
        self._plain = psycopg.connect(url, dbname=database, autocommit=True, options=options, prepare_threshold=None)
        self._observer = psycopg.connect(url, dbname=database, autocommit=True)
        self._plain.execute(setup.encode())
        seen = visible_access(self._plain)
        tables = tuple(table for table in seen.schema if table.name not in (HIDDEN, "counter"))
        self.access = Access(Schema("postgres", tables, "public", seen.schema.types))

    def run(self, text: str) -> None:
        with suppress(psycopg.Error):
            self._plain.execute(text.encode(), prepare=True)

    def state(self) -> object:
        rows = [
            self._observer.execute(f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} AS t").fetchone()
            for name in ("customers", "orders", HIDDEN)
        ]
        # The first value counts transactions of the whole server, which others of its databases take as well.
        return rows, server_state(self._observer)[1:3], session_state(self._plain)

    def close(self) -> None:
        self._plain.close()
        self._observer.close()


class SqliteEngine:
    """A file that may be written, and its folder."""

    dialect = "sqlite"

    def __init__(self, folder: Path, setup: str) -> None:
        self._folder = folder
        self._connection = sqlite3.connect(folder / "source.sqlite", isolation_level=None)
        self._connection.executescript(setup)
        names = [row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            name: self._connection.execute(f"SELECT name, type FROM pragma_table_info('{name}')") for name in names
        }
        self.access = _access("sqlite", {name: list(found) for name, found in columns.items()}, None)

    def run(self, text: str) -> None:
        timer = threading.Timer(_SECONDS, self._connection.interrupt)
        timer.start()
        try:
            with suppress(sqlite3.Error):
                self._connection.execute(text).fetchmany(1_000)
        finally:
            timer.cancel()

    def state(self) -> object:
        return "\n".join(self._connection.iterdump()), _files(self._folder), self._connection.total_changes

    def close(self) -> None:
        self._connection.close()


class DuckdbEngine:
    """A file that may be written, with files and extensions open to it."""

    dialect = "duckdb"

    def __init__(self, folder: Path, setup: str) -> None:
        self._folder = folder
        self._connection = duckdb.connect(str(folder / "source.duckdb"))
        self._connection.execute(setup)
        rows = self._connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        columns: dict[str, list[tuple[str, str]]] = {}
        for name, column, kind in rows:
            columns.setdefault(name, []).append((column, kind))
        self.access = _access("duckdb", columns, "main")

    def run(self, text: str) -> None:
        timer = threading.Timer(_SECONDS, self._connection.interrupt)
        timer.start()
        try:
            with suppress(duckdb.Error, RuntimeError):
                self._connection.execute(text).fetchmany(1_000)
        finally:
            timer.cancel()

    def state(self) -> object:
        rows = [
            self._connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in ("orders", HIDDEN)
        ]
        kept = self._connection.execute(
            "SELECT (SELECT list(name || '=' || coalesce(value, '')) FROM duckdb_settings()),"
            " (SELECT list(sql) FROM duckdb_tables()), (SELECT list(database_name) FROM duckdb_databases()),"
            " (SELECT list(sequence_name || coalesce(last_value, 0)) FROM duckdb_sequences())"
        ).fetchall()
        return rows, kept, [name for name, _ in _files(self._folder)]

    def close(self) -> None:
        self._connection.close()


class MariadbEngine:
    """A server of its own, as its root."""

    dialect = "mysql"

    def __init__(self, socket: str, setup: str) -> None:
        self._connection: Any = pymysql.connect(unix_socket=socket, user="root", autocommit=True, read_timeout=5)
        for statement in ("CREATE DATABASE lab", "USE lab", *(part for part in setup.split(";") if part.strip())):
            self._all(statement)
        rows = self._all(
            "SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = 'lab'"
        )
        columns: dict[str, list[tuple[str, str]]] = {}
        for name, column, kind in rows:
            columns.setdefault(name, []).append((column, kind))
        self.access = _access("mysql", columns, "lab")

    def _all(self, text: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(text)
            return list(cursor.fetchall())

    def run(self, text: str) -> None:
        with suppress(pymysql.Error):
            self._all(f"SET STATEMENT max_statement_time = 2 FOR {text}")

    def state(self) -> object:
        return (
            self._all(f"CHECKSUM TABLE lab.customers, lab.orders, lab.{HIDDEN} EXTENDED"),
            self._all("SELECT table_name FROM information_schema.tables WHERE table_schema = 'lab' ORDER BY 1"),
            self._all("SHOW SESSION VARIABLES WHERE variable_name NOT IN ('timestamp', 'last_gtid', 'rand_seed1')"),
            self._all("SELECT IS_USED_LOCK('l'), @x"),
            self._all("SELECT id, user FROM information_schema.processlist WHERE command <> 'Daemon'"),
        )

    def close(self) -> None:
        self._connection.close()


def _access(dialect: str, columns: dict[str, list[tuple[str, str]]], namespace: str | None) -> Access:
    tables = tuple(
        Table(name, tuple(Column(column, ColumnType.OTHER, kind) for column, kind in found), namespace)
        for name, found in columns.items()
        if name != HIDDEN
    )
    return Access(Schema(dialect, tables, namespace))


def _files(folder: Path) -> list[tuple[str, str]]:
    return sorted((file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in _plain_files(folder.iterdir()))


def _plain_files(files: Iterable[Path]) -> Iterable[Path]:
    return (file for file in files if file.is_file())
