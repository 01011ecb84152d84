"""Names in SQL of ours, on real engines: whatever a customer calls a column, it is that name and nothing more."""

import random
import sqlite3
from pathlib import Path

import duckdb
import psycopg
import pytest

from apps.common.errors import InvalidInput
from apps.datasources.guard.dialects import DIALECTS
from apps.datasources.identifiers import quoted
from config.embedded import admin_url
from tests.datasources.mariadb import as_root

HOW_MANY = 10_000
PIECES = [
    *"abzAZ09_$ \t\n\r'\"`[]{}();,.:-/*%\\#@!?&|<>=~^", "--", "/*", "*/", '""', "``", "]]", "\\'", '\\"', "select",
    "; DROP TABLE t", "%s", "%(a)s", ":a", "?", "$1", "$$",
    "\u00e9", "\u4e2d", "\U0001f600", "\u2028", "\u00a0", "\u0130",
]  # fmt: skip


def names() -> list[str]:
    """The same names every time: made of all that has a meaning somewhere in SQL."""
    dice = random.Random(4711)
    made = {"".join(dice.choices(PIECES, k=dice.randint(1, 12))) for _ in range(HOW_MANY * 2)}
    short = sorted(name for name in made if len(name.encode()) <= 60 and name == name.rstrip())
    return short[:HOW_MANY]


NAMES = names()


def selected(part: list[str], dialect: str) -> str:
    return "SELECT " + ", ".join(f"1 AS {quoted(name, dialect)}" for name in part)


def parts() -> list[list[str]]:
    return [NAMES[start : start + 100] for start in range(0, len(NAMES), 100)]


def test_there_are_ten_thousand_names() -> None:
    assert len(set(NAMES)) == HOW_MANY


def test_postgres_reads_every_name_as_it_is() -> None:
    with psycopg.connect(admin_url()) as connection:
        for part in parts():
            found = connection.execute(selected(part, "postgres").encode()).description or ()
            assert [column.name for column in found] == part


def test_sqlite_reads_every_name_as_it_is() -> None:
    connection = sqlite3.connect(":memory:")
    for part in parts():
        assert [column[0] for column in connection.execute(selected(part, "sqlite")).description] == part


def test_duckdb_reads_every_name_as_it_is() -> None:
    connection = duckdb.connect()
    for part in parts():
        assert [column[0] for column in connection.execute(selected(part, "duckdb")).description] == part


def test_mariadb_reads_every_name_as_it_is(mariadb: Path) -> None:
    with as_root(mariadb) as connection, connection.cursor() as cursor:
        told = [name for name in NAMES if name == name.strip() and all(ord(letter) < 0x10000 for letter in name)]
        assert len(told) > HOW_MANY / 2
        for start in range(0, len(told), 100):
            plain = told[start : start + 100]
            cursor.execute(selected(plain, "mysql"))
            assert [column[0] for column in cursor.description] == plain


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_no_engine_has_is_refused(name: str, dialect: str) -> None:
    with pytest.raises(InvalidInput):
        quoted(name, dialect)
