"""The guard for dialects without a parser of their own here: sqlglot reads, judges and writes."""

import re

from sqlglot import exp

from apps.datasources.access import Access
from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.nesting import MAX_BYTES
from apps.datasources.guard.safe_sql import SafeSql, release
from apps.datasources.guard.scopes import reads_of
from apps.datasources.guard.sqlglot_expansion import check_expansion
from apps.datasources.guard.sqlglot_limit import capped
from apps.datasources.guard.sqlglot_nodes import check_nodes
from apps.datasources.guard.sqlglot_policy import with_policy
from apps.datasources.guard.sqlglot_shape import shape_of
from apps.datasources.guard.sqlglot_source import parse, render

# Writing out may lengthen a text (a comma becomes CROSS JOIN), but not without bound.
_MOST_WRITTEN = 4 * MAX_BYTES
_WORD = re.compile(r"\w+|[^\w\s'()]")


def check_with_sqlglot(sql: str, *, rules: Rules, access: Access | None, row_limit: int) -> SafeSql:
    """Judge what came in, cap and write it, judge what was written: only that is released, with the policy in it."""
    functions = access.functions if access else frozenset()
    tree = _plain(parse(sql, rules), rules)
    check_nodes(tree, rules, functions)
    check_expansion(tree, rules)
    tree, limit, is_capped = capped(tree, row_limit, rules)
    text = render(tree, rules)
    if len(text) > _MOST_WRITTEN:
        raise UnsafeSql(Refusal.TOO_LONG, "The SQL is too long once it is written out.")
    written = parse(text, rules)
    check_nodes(written, rules, functions)
    reads = reads_of(shape_of(written, rules), rules=rules, access=access)
    released = with_policy(written, reads, rules=rules, access=access) if access else None
    if released is None:
        text = _settled(text, render(written, rules), rules=rules, access=access)
    return release(
        released or text, dialect=rules.dialect, tables=reads.tables, row_limit=limit, capped=is_capped, plain=text,
        columns=reads.columns,
    )  # fmt: skip


def _settled(text: str, again: str, *, rules: Rules, access: Access | None) -> str:
    """The text that is written the same again: the first one, or the second where it says all that the first one says
    and more (a cast, quotes around a number), and is judged as the first one was."""
    if again == text:
        return text
    words = iter(_WORD.findall(again))
    if all(word in words for word in _WORD.findall(text)):
        written = parse(again, rules)
        check_nodes(written, rules, access.functions if access else frozenset())
        reads_of(shape_of(written, rules), rules=rules, access=access)
        if render(written, rules) == again:
            return again
    raise UnsafeSql(Refusal.UNSTABLE_TEXT, "The SQL reads differently once it is written out.")


def _plain(tree: exp.Query, rules: Rules) -> exp.Query:
    """Without what changes nothing: outermost brackets, modifiers of the query cache, FROM dual."""
    while isinstance(tree, exp.Subquery) and tree.is_wrapper:
        tree = tree.this
    tree.pop()
    for select in tree.find_all(exp.Select):
        select.set("operation_modifiers", None)
        source = select.args.get("from_")
        if source and isinstance(source.this, exp.Table) and source.this.sql().lower() in rules.pseudo_tables:
            select.set("from_", None)
    return tree
