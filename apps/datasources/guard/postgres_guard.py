"""The guard for PostgreSQL: its own parser reads, we judge, its own parser writes."""

from apps.datasources.access import Access
from apps.datasources.guard import libpg_query
from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.nesting import check_nesting
from apps.datasources.guard.postgres_nodes import check_tree
from apps.datasources.guard.postgres_policy import with_policy
from apps.datasources.guard.postgres_shape import shape_of
from apps.datasources.guard.postgres_tokens import kinds
from apps.datasources.guard.postgres_trees import Node, select_of
from apps.datasources.guard.safe_sql import SafeSql, release
from apps.datasources.guard.scopes import reads_of

_LIMIT = frozenset({"limitCount", "limitOption"})


def check_with_libpg_query(sql: str, *, rules: Rules, access: Access | None, row_limit: int) -> SafeSql:
    """Judge what came in, write it anew, cap it, see that what was written is what was judged, add the policy."""
    check_nesting(kinds(sql))
    select = select_of(sql)
    check_tree({"SelectStmt": select}, rules=rules, access=access)
    plain, limit, is_capped = _capped(_written(sql), select, row_limit)
    written = _check_same(select, plain)
    reads = reads_of(shape_of(written), rules=rules, access=access)
    text = with_policy(written, reads, rules=rules, access=access) if access else None
    return release(
        text or plain, dialect=rules.dialect, tables=reads.tables, row_limit=limit, capped=is_capped, plain=plain,
        columns=reads.columns,
    )  # fmt: skip


def _written(sql: str) -> str:
    try:
        return libpg_query.write_anew(sql)
    except libpg_query.ParseFailed as error:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL cannot be written out again.") from error


def _capped(text: str, select: Node, cap: int) -> tuple[str, int, bool]:
    """The text with at most `cap` rows: the text, its row limit, and whether the cap is ours rather than its own.

    A written SELECT ends with its LIMIT, so a missing one is added at the end. A whole number is lowered in place; any
    other limit (an expression, ALL, WITH TIES) stays inside and the query around it gets the cap.
    """
    if "limitCount" not in select:
        return f"{text} LIMIT {cap}", cap, True
    count = select_of(text, with_places=True)["limitCount"]
    constant = count.get("A_Const", {})
    own = constant.get("ival", {}).get("ival", 0) if "ival" in constant else None
    if own is None or own < 0 or select["limitOption"] != "LIMIT_OPTION_COUNT":
        return f"SELECT * FROM ({text}) limited LIMIT {cap}", cap, True  # noqa: S608 - judged below
    if own <= cap:
        return text, own, False
    written, place = text.encode(), constant["location"]
    return (written[:place] + str(cap).encode() + written[place + len(str(own)) :]).decode(), cap, True


def _check_same(judged: Node, text: str) -> Node:
    """The tree of the text, which must read as what was judged, apart from the outermost limit, or as that inside our
    own wrapper."""
    written = select_of(text)
    if _without_limit(judged) == _without_limit(written):
        return written
    wrapped = written.get("fromClause", [{}])[0].get("RangeSubselect", {}).get("subquery", {}).get("SelectStmt", {})
    if judged != wrapped:
        raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL reads differently once it is written out.")
    return written


def _without_limit(select: Node) -> Node:
    return {key: value for key, value in select.items() if key not in _LIMIT}
