"""A shop of a few rows in memory, in which a model's SQL is tried. No Django here.

It is a stranger's SQL: SQLite may only read the shop's tables and call harmless functions, for so many steps.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

SHOP = (Path(__file__).parent / "shop.sql").read_text(encoding="utf-8")
STRUCTURE = SHOP.split("INSERT")[0].strip()
TABLES = frozenset({"customers", "orders", "products"})
FUNCTIONS = frozenset(
    """abs avg coalesce count date ifnull iif julianday length like lower max min nullif round strftime substr substring
    sum total trim upper row_number rank dense_rank""".split()
)
MOST_STEPS = 200_000
MOST_ROWS = 100
LONGEST_SQL = 4_000
Row = tuple[Any, ...]


class NotRun(ValueError):
    """The SQL does not run in the shop; the message says why."""


def rows_of(sql: str) -> list[Row]:
    """What the SQL brings back. Raises NotRun."""
    with closing(sqlite3.connect(":memory:")) as shop:
        shop.executescript(SHOP)
        shop.set_authorizer(_judge)
        shop.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
        shop.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_SQL)
        shop.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 50)
        shop.set_progress_handler(lambda: 1, MOST_STEPS)
        try:
            cursor = shop.execute(sql)
            if cursor.description is None:
                raise NotRun("it is no SELECT")
            return [tuple(row) for row in cursor.fetchmany(MOST_ROWS)]
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            said = "".join(one if one.isprintable() else " " for one in str(error)[:200])  # it may quote the SQL
            raise NotRun(said) from error


def same_rows(some: Sequence[Row], others: Sequence[Row], *, ordered: bool) -> bool:
    """True if both hold the same values; in the same order, where that counts."""
    one, other = [_plain(row) for row in some], [_plain(row) for row in others]
    return one == other if ordered else sorted(one) == sorted(other)


def _plain(row: Row) -> tuple[str, ...]:
    return tuple(f"{value:.6g}" if isinstance(value, int | float) else str(value) for value in row)


def _judge(action: int, one: str | None, other: str | None, _database: str | None, _by: str | None) -> int:
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        return sqlite3.SQLITE_OK if one in TABLES or not one else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_OK if str(other).lower() in FUNCTIONS else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY
