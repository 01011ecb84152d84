"""PostgreSQL's parse trees from text."""

from typing import Any

from apps.datasources.guard import libpg_query
from apps.datasources.guard.errors import Refusal, UnsafeSql

Node = dict[str, Any]


def select_of(sql: str, *, with_places: bool = False) -> Node:
    """The one SELECT in this text; trees of texts that mean the same are equal, but for places. Raises UnsafeSql for
    anything else."""
    try:
        statements = libpg_query.parse(sql, with_places=with_places)
    except libpg_query.ParseFailed as error:
        raise UnsafeSql(Refusal.CANNOT_PARSE, f"The SQL cannot be parsed: {error}.") from error
    except RecursionError as error:
        raise UnsafeSql(Refusal.TOO_DEEP, "The SQL is nested too deeply.") from error
    if not statements:
        raise UnsafeSql(Refusal.EMPTY, "There is no SQL.")
    if len(statements) > 1:
        raise UnsafeSql(Refusal.NOT_ONE_STATEMENT, "Only one statement is allowed.")
    select: Node | None = statements[0]["stmt"].get("SelectStmt")
    if select is None:
        raise UnsafeSql(Refusal.NOT_A_SELECT, "Only SELECT is allowed.")
    return select
