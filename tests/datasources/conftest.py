"""Throwaway sources with the same small tables, one of each engine that runs here."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import duckdb
import psycopg
import pytest

from apps.common.hosts import HostPolicy
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.datasources.sessions import sessions
from config.embedded import admin_url
from tests.datasources import mariadb as mariadb_program

COLUMNS = {
    "customers": "id name email country created_at notes deleted update_count manager_id",
    "products": "id name tags attrs price",
    "orders": "id customer_id status amount created_at",
    "order_items": "id order_id product_id quantity unit_price",
    "employees": "id name manager_id salary",
}
# What each dialect calls the place where tables are when nothing is said.
NAMESPACES = {"postgres": "public", "mysql": "lab", "tsql": "dbo", "snowflake": "public", "bigquery": "d"}

TABLES = """
    CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL, country text);
    CREATE TABLE orders (
        id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers (id), amount numeric(12, 2),
        created_at timestamp, UNIQUE (customer_id, created_at)
    );
    INSERT INTO customers VALUES (1, 'Ada', 'DE'), (2, 'Bo', 'FR'), (3, 'Cy', NULL);
    INSERT INTO orders VALUES (1, 1, 10.10, '2025-01-02 03:04:05'), (2, 1, 0.20, NULL), (3, 2, NULL, NULL);
"""


def fixture_access(dialect: str) -> Access:
    """Access to the tables that the shared security cases speak of."""
    namespace = NAMESPACES.get(dialect)
    tables = tuple(
        Table(name, tuple(Column(column, ColumnType.TEXT) for column in columns.split()), namespace=namespace)
        for name, columns in COLUMNS.items()
    )
    return Access(Schema(dialect, tables, default_namespace=namespace))


@pytest.fixture(scope="session")
def postgres_source() -> Iterator[SourceAddress]:
    """A database of its own, opened by a role that may write: only the session is between it and a change."""
    name = f"guard_{uuid4().hex[:12]}"
    url = urlsplit(admin_url())
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    with psycopg.connect(admin_url(), dbname=name, autocommit=True) as owner:
        owner.execute(TABLES)
        owner.execute("COMMENT ON TABLE orders IS 'What was sold'; ANALYZE")
        info = owner.info
        address = SourceAddress(
            name, SourceKind.POSTGRES, info.host, info.port, name, info.user, url.password or "",
            hosts=HostPolicy.from_list([info.host]),
        )  # fmt: skip
    yield address
    sessions.close(name)
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a throwaway server's socket."""
    if not (mariadb_program.SERVER and mariadb_program.INSTALLER):
        pytest.skip(mariadb_program.MISSING)
    with mariadb_program.mariadb_server(tmp_path_factory.mktemp("db")) as folder:
        yield folder


@pytest.fixture(scope="session")
def mysql_source(mariadb: Path) -> Iterator[SourceAddress]:
    """A database opened by a role that may do anything."""
    with mariadb_program.as_root(mariadb) as root, root.cursor() as cursor:
        cursor.execute("CREATE DATABASE lab CHARACTER SET utf8mb4")
        cursor.execute("USE lab")
        for statement in TABLES.replace("country text", "country varchar(40)").split(";"):
            if statement.strip():
                cursor.execute(
                    statement.replace("integer", "int").replace("created_at timestamp", "created_at datetime")
                )
        cursor.execute("ALTER TABLE orders COMMENT = 'What was sold'")
        cursor.execute("ANALYZE TABLE orders, customers")
        cursor.execute("CREATE USER 'almighty'@'localhost' IDENTIFIED BY 'word'")
        cursor.execute("GRANT ALL ON *.* TO 'almighty'@'localhost' WITH GRANT OPTION")
    yield SourceAddress(
        "mysql", SourceKind.MYSQL, str(mariadb), None, "lab", "almighty", "word",
        hosts=HostPolicy.from_list([str(mariadb)]),
    )  # fmt: skip
    sessions.close("mysql")


@pytest.fixture(scope="session")
def sqlite_source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceAddress]:
    path: Path = tmp_path_factory.mktemp("guard") / "small.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(TABLES)
    connection.close()
    yield SourceAddress(str(path), SourceKind.SQLITE, path=str(path))
    sessions.close(str(path))


@pytest.fixture(scope="session")
def duckdb_source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceAddress]:
    path: Path = tmp_path_factory.mktemp("guard") / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        connection.execute("COMMENT ON TABLE orders IS 'What was sold'")
    yield SourceAddress(str(path), SourceKind.DUCKDB, path=str(path))
    sessions.close(str(path))
