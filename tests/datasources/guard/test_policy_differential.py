"""A statement under a policy brings what the same statement brings from a database that holds nothing but what the
policy shows: run for real, thousands of times."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from apps.datasources.guard import UnsafeSql, check_sql
from config.embedded import admin_url
from tests.datasources.guard.policies import COLUMNS, ROWS, SEEN_COLUMNS, SEEN_ROWS, ddl, inserts, policied
from tests.datasources.guard.statements import statements

COUNT = 2_000
BATCH = 200
Run = Callable[[str], "Counter[Any] | None"]
WHOLE, SEEN = (COLUMNS, ROWS), (SEEN_COLUMNS, SEEN_ROWS)


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[Run, Run]]:
    """Two databases of their own: the whole one, and one with only what the policy shows."""
    names = [f"policy_{uuid4().hex[:12]}" for _ in range(2)]
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        for name in names:
            admin.execute(f'CREATE DATABASE "{name}"')
        opened = [psycopg.connect(admin_url(), dbname=name, autocommit=True) for name in names]
        for connection, (columns, rows) in zip(opened, (WHOLE, SEEN), strict=True):
            for statement in (*ddl(columns), *inserts(rows)):
                connection.execute(statement)
        yield _run(opened[0], psycopg.Error), _run(opened[1], psycopg.Error)
        for connection, name in zip(opened, names, strict=True):
            connection.close()
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def sqlite() -> Iterator[tuple[Run, Run]]:
    opened = [sqlite3.connect(":memory:") for _ in range(2)]
    for connection, (columns, rows) in zip(opened, (WHOLE, SEEN), strict=True):
        for statement in (*ddl(columns), *inserts(rows)):
            connection.execute(statement)
    yield _run(opened[0], sqlite3.Error), _run(opened[1], sqlite3.Error)
    for connection in opened:
        connection.close()


def _run(connection: Any, error: type[Exception]) -> Run:
    """A function that runs SQL: its rows as a bag, None where the database cannot run it."""

    def run(sql: str) -> Counter[Any] | None:
        try:
            return Counter(map(repr, connection.execute(sql).fetchall()))
        except error:
            return None

    return run


@pytest.mark.parametrize("seed", range(COUNT // BATCH))
@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_a_policy_shows_what_a_smaller_database_would(dialect: str, seed: int, request: pytest.FixtureRequest) -> None:
    whole, seen = request.getfixturevalue(dialect)
    compared = 0
    for sql in statements(dialect, seed, BATCH):
        expected, released = seen(sql), _released(sql, dialect)
        found = whole(released) if released else None
        assert found == expected, f"{sql}\n{released}"
        compared += expected is not None
    assert compared > BATCH * 0.8  # a generator of nonsense would compare nothing


def _released(sql: str, dialect: str) -> str | None:
    try:
        return check_sql(sql, dialect=dialect, access=policied(dialect)).text
    except UnsafeSql:
        return None


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_the_comparison_notices_a_policy_that_is_not_applied(dialect: str, request: pytest.FixtureRequest) -> None:
    whole, seen = request.getfixturevalue(dialect)
    different = sum(whole(sql) != seen(sql) for sql in statements(dialect, 0, BATCH))
    assert different > BATCH / 4
