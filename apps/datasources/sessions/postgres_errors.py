"""PostgreSQL's errors as ours: only what the person wrote and the kind of failure get out, never values or places."""

import re

import psycopg

from apps.common.errors import AppError
from apps.datasources.errors import SourceUnavailable, SqlFailed

# Their messages name only types and names out of the SQL itself; hints, which may name others, stay behind.
_ABOUT_THE_SQL = frozenset(
    {
        "42601",  # syntax error
        "42702",  # ambiguous column
        "42703",  # undefined column
        "42725",  # ambiguous function
        "42803",  # grouping error
        "42804",  # datatype mismatch
        "42846",  # cannot coerce
        "42883",  # undefined function
        "42P01",  # undefined table
        "42P02",  # undefined parameter
        "42P09",  # ambiguous alias
        "42P10",  # invalid column reference
        "42P18",  # indeterminate datatype
        "42P19",  # invalid recursion
        "42P20",  # windowing error
    }
)
# Classes that mean: no connection, or none left.
_UNAVAILABLE = ("08", "28", "3D", "53", "57P", "58")


def failure_of(error: psycopg.Error) -> AppError:
    """The error of ours for this one."""
    state = error.diag.sqlstate or error.sqlstate or ""
    if not state or state.startswith(_UNAVAILABLE):
        if isinstance(error, psycopg.DataError):
            return SqlFailed("A value in the result cannot be read.")
        return SourceUnavailable()
    if state in _ABOUT_THE_SQL:
        return SqlFailed(f"The database says: {error.diag.message_primary}.", condition=state)
    return SqlFailed(f"The database could not run the SQL: {_condition(error)}.", condition=state)


def _condition(error: psycopg.Error) -> str:
    """The standard's name of the condition, in words: `DivisionByZero` is division by zero."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
