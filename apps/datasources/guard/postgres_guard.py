"""The guard for PostgreSQL: its own parser reads, we judge, its own parser writes."""

from typing import Any

from apps.datasources.access import Access
from apps.datasources.guard import libpg_query
from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.nesting import check_nesting
from apps.datasources.guard.postgres_nodes import check_tree
from apps.datasources.guard.postgres_shape import shape_of
from apps.datasources.guard.postgres_tokens import kinds
from apps.datasources.guard.safe_sql import SafeSql, release
from apps.datasources.guard.scopes import tables_read

Node = dict[str, Any]

# Fields that say where in the text something stood.
_PLACES = frozenset({"location", "list_start", "list_end", "name_location", "rexpr_list_start", "rexpr_list_end"})
_LIMIT = frozenset({"limitCount", "limitOption"})


def check_with_libpg_query(sql: str, *, rules: Rules, access: Access | None, row_limit: int) -> SafeSql:
    """Judge what came in, write it anew, cap it, and see that what was written is what was judged."""
    check_nesting(kinds(sql))
    select = _select(sql)
    check_tree({"SelectStmt": select}, rules=rules, access=access)
    tables = tables_read(shape_of(select), rules=rules, access=access)
    plain = _written(sql)
    text, limit, is_capped = _capped(plain, row_limit)
    _check_same(select, text)
    return release(text, dialect=rules.dialect, tables=tables, row_limit=limit, capped=is_capped)


def _select(sql: str) -> Node:
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


def _written(sql: str) -> str:
    try:
        return libpg_query.write_anew(sql)
    except libpg_query.ParseFailed as error:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL cannot be written out again.") from error


def _capped(text: str, cap: int) -> tuple[str, int, bool]:
    """The text with at most `cap` rows: the text, its row limit, and whether the cap is ours rather than its own.

    A written SELECT ends with its LIMIT, so a missing one is added at the end. A whole number is lowered in place; any
    other limit (an expression, ALL, WITH TIES) stays inside and the query around it gets the cap.
    """
    select = _select(text)
    count = select.get("limitCount")
    if count is None:
        return f"{text} LIMIT {cap}", cap, True
    constant = count.get("A_Const", {})
    own = constant.get("ival", {}).get("ival", 0) if "ival" in constant else None
    if own is None or own < 0 or select["limitOption"] != "LIMIT_OPTION_COUNT":
        return f"SELECT * FROM ({text}) AS limited LIMIT {cap}", cap, True  # noqa: S608 - judged below
    if own <= cap:
        return text, own, False
    written, place = text.encode(), constant["location"]
    return (written[:place] + str(cap).encode() + written[place + len(str(own)) :]).decode(), cap, True


def _check_same(judged: Node, text: str) -> None:
    """The text must read as what was judged, apart from the outermost limit, or as that inside our own wrapper."""
    written = _select(text)
    if _same(_without_limit(judged), _without_limit(written)):
        return
    wrapped = written.get("fromClause", [{}])[0].get("RangeSubselect", {}).get("subquery", {}).get("SelectStmt", {})
    if not _same(judged, wrapped):
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL reads differently once it is written out.")


def _without_limit(select: Node) -> Node:
    return {key: value for key, value in select.items() if key not in _LIMIT}


def _same(left: Any, right: Any) -> bool:
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
