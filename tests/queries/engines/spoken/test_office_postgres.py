"""The grammar's readings of the office questions bring the same rows on PostgreSQL and on SQLite."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from apps.datasources.access import Access
from apps.datasources.guard import check_sql
from apps.datasources.schema import Schema
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.spoken import spoken_readings
from apps.queries.evaluation.compare import compare
from config.embedded import admin_url

from .office import Case, Company, cases
from .trades import TODAY, TRADES

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of a database that is dropped in the end."""
    name = f"parley_office_{uuid4().hex[:12]}"
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield admin_url(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def load(company: Company, trade: str, connection: "psycopg.Connection[Row]") -> None:
    """A namespace with the trade's tables and rows; keys within a table would ask for an order of rows."""
    space = sql.Identifier(trade)
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(space))
    connection.execute(sql.SQL("SET search_path TO {}").format(space))
    with sqlite3.connect(company.path) as file:
        for table, (columns, _, _) in TRADES[trade].items():
            parts = [f"{name} {kind}" for name, (kind, _) in columns.items()]
            connection.execute(f"CREATE TABLE {table} ({', '.join(parts)})".encode())
            marks = ", ".join(["%s"] * len(columns))
            rows = file.execute(f"SELECT * FROM {table}").fetchall()
            connection.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), rows)


def readings(case: Case, company: Company, dialect: str) -> list[str]:
    """The grammar's readings, as text of a dialect."""
    context = Context(case.question, Schema(dialect, company.schema.tables), company.values, TODAY)
    return [one.tree.sql(dialect) for one in spoken_readings(analyze(context))]


def comparable(rows: list[Row], like: list[Row]) -> list[Row]:
    """Other engines' days and numbers as SQLite writes them: the first day of a month or quarter by its name."""
    return [tuple(_comparable(value, like, place) for place, value in enumerate(row)) for row in rows]


def _comparable(value: Any, like: list[Row], place: int) -> Any:
    if isinstance(value, Decimal | float):
        return float(f"{value:.8g}")
    if not isinstance(value, dt.date):
        return value
    example = str(like[0][place]) if like else ""
    if "-Q" in example:
        return f"{value.year}-Q{(value.month + 2) // 3}"
    return value.isoformat()[: len(example) or None]


@pytest.mark.parametrize("trade", TRADES)
def test_both_engines_bring_the_same_rows(trade: str, server: str, tmp_path: Path) -> None:
    company = Company(trade, tmp_path)
    asked = 0
    with psycopg.connect(server, autocommit=True) as connection:
        load(company, trade, connection)
        for case in cases():
            if case.trade != trade or case.earlier:
                continue
            for here, there in zip(readings(case, company, "sqlite"), readings(case, company, "postgres"), strict=True):
                check_sql(there, dialect="postgres", access=Access(Schema("postgres", company.schema.tables)))
                wanted = [tuple(row) for row in company.connection.execute(here)]
                found = comparable(connection.execute(there.encode()).fetchall(), wanted)
                assert compare(found, comparable(wanted, wanted), ordered=False).same, (
                    f"{case.question}\n{here}\n{there}"
                )
                asked += 1
    assert asked > 15
