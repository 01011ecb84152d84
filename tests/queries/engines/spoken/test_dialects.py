"""What the grammar writes is let through by the guard in every dialect, and runs on DuckDB as on SQLite."""

from pathlib import Path

import duckdb
import pytest

from apps.datasources.access import Access
from apps.datasources.guard import check_sql
from apps.datasources.schema import Schema
from apps.queries.evaluation.compare import compare

from .office import Company, cases
from .test_office_postgres import comparable, readings
from .trades import TRADES

EVERY_SECOND = {trade: [case for case in cases() if case.trade == trade and not case.earlier][::2] for trade in TRADES}


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql", "duckdb", "tsql"])
def test_the_guard_lets_every_reading_through(dialect: str, tmp_path: Path) -> None:
    seen = 0
    for trade, asked in EVERY_SECOND.items():
        company = Company(trade, tmp_path)
        access = Access(Schema(dialect, company.schema.tables))
        for case in asked:
            for text in readings(case, company, dialect):
                check_sql(text, dialect=dialect, access=access)
                seen += 1
    assert seen > 50


@pytest.mark.parametrize("trade", ["shop", "saas"])
def test_duckdb_brings_the_rows_that_sqlite_brings(trade: str, tmp_path: Path) -> None:
    company = Company(trade, tmp_path)
    with duckdb.connect() as connection:
        for table, (columns, _, _) in TRADES[trade].items():
            parts = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
            connection.execute(f"CREATE TABLE {table} ({parts})")
            rows = company.connection.execute(f"SELECT * FROM {table}").fetchall()
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
        for case in EVERY_SECOND[trade]:
            for here, there in zip(readings(case, company, "sqlite"), readings(case, company, "duckdb"), strict=True):
                wanted = [tuple(row) for row in company.connection.execute(here)]
                found = comparable(connection.execute(there).fetchall(), wanted)
                assert compare(found, comparable(wanted, wanted), ordered=False).same, f"{case.question}\n{there}"
