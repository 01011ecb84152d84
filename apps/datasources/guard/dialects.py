"""What each dialect means and what it may use, read from the tables in `rules/`: facts are data, code is shared."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from apps.datasources.guard.errors import Refusal, UnsafeSql

_FOLDER = Path(__file__).parent / "rules"
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "tsql", "snowflake", "bigquery", "trino")


class Folding(StrEnum):
    """How an unquoted name of a table is compared with a stored one."""

    LOWER = "lower"
    UPPER = "upper"
    IGNORE_CASE = "ignore_case"


@dataclass(frozen=True)
class Rules:
    """One dialect's facts. Names in sets are in lower case; `functions` are those that only compute."""

    dialect: str
    folding: Folding
    functions: frozenset[str]
    default_namespace: str | None = None
    # Where the system catalogues are: refused even when tables are not looked up.
    system_namespaces: frozenset[str] = frozenset()
    system_prefixes: tuple[str, ...] = ()
    system_tables: frozenset[str] = frozenset()
    # Columns that every table has unseen: those that tell about the server, and those that are only a row's number.
    system_columns: frozenset[str] = frozenset()
    row_number_columns: frozenset[str] = frozenset()
    # Unquoted names that are calls without brackets (CURRENT_USER), however they look.
    niladic_functions: frozenset[str] = frozenset()
    # Reserved words that no query of this dialect contains: where one stands unquoted, a second statement begins.
    statement_words: frozenset[str] = frozenset()
    # Comments that the server executes begin so.
    executable_comments: tuple[str, ...] = ()
    # FROM dual: a table of one row that is not there.
    pseudo_tables: frozenset[str] = frozenset()
    table_hints: frozenset[str] = frozenset()
    # WITH RECURSIVE: whether a common table expression also sees those after it.
    recursive_sees_later: bool = False
    # Whether a common table expression with a UNION may name itself without the word RECURSIVE.
    implicit_recursion: bool = False
    # "x" that is no column is the string 'x'.
    quoted_may_be_string: bool = False
    # a.b may be field b of column a.
    dots_read_fields: bool = False
    # x IN name reads the table of that name.
    in_names_table: bool = False
    # A table of a name that ends so may be a file.
    file_endings: frozenset[str] = frozenset()
    # sqlglot reads [ in two ways; see `sqlglot_backtracking`.
    brackets_double: bool = False
    # A set operation cannot carry a limit, but OFFSET and FETCH after its order.
    fetches_set_operations: bool = False


@cache
def rules_for(dialect: str) -> Rules:
    """The tables of that dialect; raises UnsafeSql for one that the guard does not know."""
    if dialect not in DIALECTS:
        raise UnsafeSql(Refusal.UNKNOWN_DIALECT, f"SQL of the dialect {dialect} cannot be checked.")
    facts = _read(dialect)
    shared = words(_read("shared")["functions"])
    functions = (shared if facts.pop("shared_functions", True) else frozenset()) | words(facts.pop("functions"))
    return Rules(
        dialect=dialect,
        folding=Folding(facts.pop("folding")),
        functions=functions,
        **{key: _typed(key, value) for key, value in facts.items()},
    )


def words(text: str) -> frozenset[str]:
    """The words of a table written as text."""
    return frozenset(text.split())


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _typed(key: str, value: Any) -> Any:
    """Words become a set, lists keep their order."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str) and key != "default_namespace":
        return words(value)
    return value
