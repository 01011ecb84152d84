"""Writes "EXISTS (… WHERE theirs = ours)" as "ours IN (SELECT theirs …)", which a plan can say."""

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


def without_exists(sql: str, dialect: str) -> str:
    """The same SQL for reading as a plan: each correlated EXISTS over one pair of columns as a membership.

    What is not of that form, or does not parse, stays as it is. Rows whose columns are empty are judged differently, so
    the outcome tells what is asked; it is not meant to run in the place of the first.
    """
    try:
        tree = parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return sql
    for exists in list(tree.find_all(exp.Exists)):
        membership = _membership(exists)
        if membership is not None:
            exists.replace(membership)
    return tree.sql(dialect=dialect)


def _membership(exists: exp.Exists) -> exp.In | None:
    inner = exists.this
    where = inner.args.get("where") if isinstance(inner, exp.Select) else None
    if where is None:
        return None
    own = {table.alias_or_name for table in inner.find_all(exp.Table)}
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    outward = [part for part in parts if _looks_out(part, own)]
    pair = outward[0] if len(outward) == 1 else None
    if not isinstance(pair, exp.EQ) or not all(isinstance(one, exp.Column) for one in (pair.this, pair.expression)):
        return None
    theirs, ours = (pair.this, pair.expression) if pair.this.table in own else (pair.expression, pair.this)
    rest = [part.copy() for part in parts if part is not pair]
    query = inner.copy()
    query.set("expressions", [theirs.copy()])
    query.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    return exp.In(this=ours.copy(), query=exp.Subquery(this=query))


def _looks_out(part: exp.Expr, own: set[str]) -> bool:
    return any(column.table and column.table not in own for column in part.find_all(exp.Column))
