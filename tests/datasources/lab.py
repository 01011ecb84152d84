"""Throwaway databases with the tables that the security cases speak of, read by a role that may only read.

Each lab offers an address for the session and a fingerprint of everything a statement could change: rows, catalogue,
roles, files, locks, and what the next user of a pooled connection finds.
"""

import hashlib
import re
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import psycopg

from apps.common.errors import AppError
from apps.common.hosts import HostPolicy
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard.safe_sql import release
from config.embedded import admin_url
from tests.datasources.mariadb import as_root

TABLES = """
    CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40), email varchar(40), country varchar(40),
        created_at timestamp, notes varchar(40), deleted integer, update_count integer, manager_id integer);
    CREATE TABLE products (id integer PRIMARY KEY, name varchar(40), tags varchar(40), attrs varchar(40), price numeric(12, 2));
    CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, status varchar(20), amount numeric(12, 2), created_at timestamp);
    CREATE TABLE order_items (id integer PRIMARY KEY, order_id integer, product_id integer, quantity integer, unit_price numeric(12, 2));
    CREATE TABLE employees (id integer PRIMARY KEY, name varchar(40), manager_id integer, salary numeric(12, 2));
    CREATE TABLE secrets (id integer PRIMARY KEY, token varchar(40));
    INSERT INTO customers (id, name, country) VALUES (1, 'Ada', 'DE'), (2, 'Bo', 'FR');
    INSERT INTO orders (id, customer_id, status, amount) VALUES (1, 1, 'paid', 10.10), (2, 2, 'open', 0.20);
    INSERT INTO employees VALUES (1, 'Eve', NULL, 100);
    INSERT INTO secrets VALUES (1, 'hush');
"""  # noqa: E501
NAMES = ("customers", "products", "orders", "order_items", "employees", "secrets")
LIMITS = Limits(rows=50, bytes=1024 * 1024, timeout_seconds=1)


def statements() -> list[str]:
    return [one.strip() for one in TABLES.split(";") if one.strip()]


class Lab(ABC):
    """One database, its address, and its fingerprint."""

    address: SourceAddress
    next_user: str

    def run(self, sql: str) -> str:
        """Send any text through the session, as if the guard had released it: "ran", or the code of what stopped it."""
        safe = release(sql, dialect=self.address.dialect, tables=frozenset(), row_limit=50, capped=False)
        try:
            execute(safe, self.address, limits=LIMITS)
        except AppError as error:
            return error.error_code
        return "ran"

    def fingerprint(self, sql: str) -> tuple[str, ...]:
        """A digest of all state, with the files that `sql` names."""
        paths = sorted(set(re.findall(r"/tmp/[\w./-]*\w", sql)))
        return (self.state(), self.seen_by_the_next_user(), *(path for path in paths if Path(path).exists()))

    def seen_by_the_next_user(self) -> str:
        safe = release(self.next_user, dialect=self.address.dialect, tables=frozenset(), row_limit=2_000, capped=False)
        return digest(sorted(map(repr, execute(safe, self.address, limits=Limits(rows=2_000)).rows)))

    @abstractmethod
    def state(self) -> str:
        """A digest of what is in the database and around it."""

    @abstractmethod
    def close(self) -> None:
        """Remove everything."""


def digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


class PostgresLab(Lab):
    """A database in the tests' cluster, with a role of its own."""

    next_user = """
        SELECT name, setting FROM pg_settings WHERE source NOT IN ('default', 'override')
        AND name NOT IN ('statement_timeout') UNION ALL SELECT 'channel', pg_listening_channels()
        UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE name <> '' UNION ALL SELECT 'prepared', name
        FROM pg_prepared_statements UNION ALL SELECT 'lock', count(*)::text FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid() UNION ALL SELECT 'user', current_user
    """

    def __init__(self) -> None:
        self.name = f"lab_{uuid4().hex[:12]}"
        with psycopg.connect(admin_url(), autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {self.name} LOGIN PASSWORD 'word'")
            admin.execute(f"CREATE DATABASE {self.name}")
            host, port = admin.info.host, admin.info.port
        self.admin = psycopg.connect(admin_url(), dbname=self.name, autocommit=True)
        self.admin.execute(TABLES)
        self.admin.execute(f"CREATE SEQUENCE s; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {self.name}")
        self.admin.execute(f"REVOKE SELECT ON secrets FROM {self.name}")
        self.address = SourceAddress(
            self.name, SourceKind.POSTGRES, host, port, self.name, self.name, "word",
            hosts=HostPolicy.from_list([host]),
        )  # fmt: skip

    def state(self) -> str:
        tables = [self.admin.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in NAMES]
        rest = self.admin.execute("""
            SELECT (SELECT array_agg(relname ORDER BY oid) FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace
                        AND relpersistence <> 't'),
                   (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_largeobject_metadata),
                   (SELECT array_agg(nspname ORDER BY oid) FROM pg_namespace
                        WHERE nspname !~ '^pg_(toast_)?temp_'),
                   (SELECT last_value::text || is_called FROM s), (SELECT count(*) FROM pg_description),
                   (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase IN (0, (SELECT oid FROM pg_database
                        WHERE datname = current_database()))),
                   (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()),
                   (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid
                        FROM pg_database WHERE datname = current_database())),
                   (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                        AND pid <> pg_backend_pid()),
                   (SELECT array_agg(rolname || rolconfig::text) FROM pg_roles WHERE rolname = current_database())
        """).fetchone()
        return digest((tables, rest))

    def close(self) -> None:
        self.admin.close()
        with psycopg.connect(admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
            admin.execute(f"DROP ROLE {self.name}")


class MySqlLab(Lab):
    """A database of the throwaway MariaDB server, with a role of its own."""

    next_user = """
        SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.session_variables WHERE VARIABLE_NAME NOT IN
            ('TIMESTAMP', 'PSEUDO_THREAD_ID', 'RAND_SEED1', 'RAND_SEED2', 'LAST_GTID', 'GTID_BINLOG_POS',
             'IN_TRANSACTION', 'WARNING_COUNT', 'ERROR_COUNT', 'IDENTITY', 'LAST_INSERT_ID', 'INSERT_ID',
             'MAX_STATEMENT_TIME')
        UNION ALL SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.user_variables
        UNION ALL SELECT 'lock', COALESCE(IS_USED_LOCK('x'), IS_USED_LOCK('a'), IS_USED_LOCK('l')) = CONNECTION_ID()
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"lab_{uuid4().hex[:8]}"
        self.root = as_root(folder)
        with self.root.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {self.name}")
            cursor.execute(f"USE {self.name}")
            for statement in statements():
                cursor.execute(statement.replace(" timestamp", " datetime"))
            cursor.execute(f"CREATE USER '{self.name}'@'localhost' IDENTIFIED BY 'word'")
            for table in NAMES[:-1]:
                cursor.execute(f"GRANT SELECT ON {self.name}.{table} TO '{self.name}'@'localhost'")
        self.address = SourceAddress(
            self.name, SourceKind.MYSQL, str(folder), None, self.name, self.name, "word",
            hosts=HostPolicy.from_list([str(folder)]),
        )  # fmt: skip

    def state(self) -> str:
        found = []
        with self.root.cursor() as cursor:
            for text in (
                *(f"SELECT * FROM {self.name}.{name} ORDER BY id" for name in NAMES),
                "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2",
                "SELECT routine_schema, routine_name FROM information_schema.routines ORDER BY 1, 2",
                "SELECT user, host, authentication_string FROM mysql.user ORDER BY 1, 2",
                "SELECT variable_name, variable_value FROM information_schema.global_variables WHERE variable_name "
                "NOT LIKE 'GTID%' AND variable_name NOT LIKE 'INNODB%' ORDER BY 1",
                "SELECT count(*) FROM information_schema.processlist WHERE command = 'Query' "
                "AND id <> CONNECTION_ID() AND user <> 'event_scheduler'",
            ):
                cursor.execute(text)
                found.append(cursor.fetchall())
        return digest(found)

    def close(self) -> None:
        with self.root.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {self.name}")
            cursor.execute(f"DROP USER '{self.name}'@'localhost'")
        self.root.close()


class FileLab(Lab):
    """A file in a folder of its own: nothing may change in the folder."""

    def __init__(self, folder: Path, kind: SourceKind) -> None:
        self.folder = folder
        path = folder / f"lab.{kind.value}"
        self.make(path)
        self.address = SourceAddress(str(path), kind, path=str(path))

    def make(self, path: Path) -> None:
        raise NotImplementedError

    def state(self) -> str:
        return digest([(file.name, file.read_bytes()) for file in sorted(self.folder.iterdir())])

    def close(self) -> None:
        return


class SqliteLab(FileLab):
    next_user = "SELECT total_changes(), changes(), last_insert_rowid(), (SELECT count(*) FROM sqlite_schema)"

    def make(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.executescript(TABLES)
        connection.close()


class DuckDbLab(FileLab):
    next_user = """
        SELECT name, value FROM duckdb_settings() UNION ALL SELECT 'variable', name::VARCHAR FROM duckdb_variables()
        UNION ALL SELECT 'database', database_name FROM duckdb_databases()
        UNION ALL SELECT 'table', table_name FROM duckdb_tables()
        UNION ALL SELECT 'secret', name FROM duckdb_secrets()
    """

    def make(self, path: Path) -> None:
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLES)
