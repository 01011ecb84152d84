"""PostgreSQL's parse trees: from text, and compared."""

from typing import Any

from apps.datasources.guard import libpg_query
from apps.datasources.guard.errors import Refusal, UnsafeSql

Node = dict[str, Any]

# Fields that say where in the text something stood.
_PLACES = frozenset({"location", "list_start", "list_end", "name_location", "rexpr_list_start", "rexpr_list_end"})


def select_of(sql: str) -> Node:
    """The one SELECT in this text. Raises UnsafeSql for anything else."""
    try:
        statements = libpg_query.parse(sql)
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


def is_same(left: Any, right: Any) -> bool:
    """Whether two trees are equal apart from places in the text."""
    stack = [(left, right)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            keys = one.keys() - _PLACES
            if keys != other.keys() - _PLACES:
                return False
            stack += [(one[key], other[key]) for key in keys]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            stack += zip(one, other, strict=True)
        elif one != other:
            return False
    return True
