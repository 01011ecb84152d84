"""Counts statements with a lexer of its own, before and apart from the parser that decides."""

import re

import sqlparse

from apps.datasources.guard.errors import Refusal, UnsafeSql

# sqlparse ends a statement at nothing else, so without one of them it need not look: it is slow.
_SEPARATOR = re.compile(r";|\bgo\b", re.IGNORECASE)


def check_one_statement(sql: str) -> None:
    """Raise UnsafeSql where sqlparse sees more than one statement."""
    if not _SEPARATOR.search(sql.strip().rstrip(";")):
        return
    try:
        statements = [text for text in sqlparse.split(sql) if text.strip().strip(";").strip()]
    except (sqlparse.exceptions.SQLParseError, RecursionError) as error:
        raise UnsafeSql(Refusal.CANNOT_PARSE, "The SQL cannot be parsed.") from error
    if len(statements) > 1:
        raise UnsafeSql(Refusal.NOT_ONE_STATEMENT, "Only one statement is allowed.")
