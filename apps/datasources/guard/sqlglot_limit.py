"""Caps the rows of a sqlglot tree at the outermost place where a limit counts."""

from sqlglot import exp

from apps.datasources.guard.dialects import Rules

_ALIAS = "limited"


def capped(tree: exp.Query, cap: int, rules: Rules) -> tuple[exp.Query, int, bool]:
    """The tree with at most `cap` rows: the tree, its row limit, and whether the cap is ours rather than its own.

    A whole number as limit is lowered where it is higher; any other limit (an expression, WITH TIES, a percentage)
    stays inside and the query around it gets the cap.
    """
    limit = tree.args.get("limit")
    if limit is None:
        if isinstance(tree, exp.SetOperation) and rules.fetches_set_operations:
            return _fetched(tree, cap), cap, True
        return _limited(tree, cap), cap, True
    own = _own_limit(limit)
    if own is None:
        return _wrapped(tree, cap), cap, True
    if own <= cap:
        return tree, own, False
    limit.set("count" if isinstance(limit, exp.Fetch) else "expression", exp.Literal.number(cap))
    return tree, cap, True


def _own_limit(limit: exp.Expr) -> int | None:
    """The limit as a number where it is a plain one."""
    options = limit.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return None
    if limit.args.get("expressions"):
        return None
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.args.get("expression")
    if isinstance(count, exp.Literal) and not count.is_string and count.this.isdecimal():
        return int(count.this)
    return None


def _limited(tree: exp.Query, cap: int) -> exp.Query:
    tree.set("limit", exp.Limit(expression=exp.Literal.number(cap)))
    return tree


def _fetched(tree: exp.SetOperation, cap: int) -> exp.SetOperation:
    """Around it could stand no query: a derived table there has no order, and no columns without a name."""
    if not tree.args.get("order"):
        tree.set("order", exp.Order(expressions=[exp.Ordered(this=exp.Literal.number(1), nulls_first=True)]))
    tree.set("offset", exp.Offset(expression=exp.Literal.number(0)))
    tree.set("limit", exp.Fetch(direction="FIRST", count=exp.Literal.number(cap)))
    return tree


def _wrapped(tree: exp.Query, cap: int) -> exp.Query:
    """SELECT * FROM (the query) LIMIT cap, its common table expressions lifted out."""
    with_clause = tree.args.get("with_")
    tree.set("with_", None)
    inner = tree if isinstance(tree, exp.Subquery) else exp.Subquery(this=tree)
    inner.set("alias", exp.TableAlias(this=exp.to_identifier(_ALIAS)))
    outer = exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner), with_=with_clause)
    return _limited(outer, cap)
