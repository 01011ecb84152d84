"""What a known SQL says about the order of its rows, and how to see the ties that it leaves open. No Django here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from .compare import Ranked
from .values import Row


@dataclass(frozen=True)
class Ranking:
    """`sql` brings all rows to choose from, without the limit, with `appended` values to order by at the end of each.

    `keys` are the positions of those values in a row, negative ones counted from its end.
    """

    sql: str
    keys: tuple[int, ...]
    appended: int
    offset: int
    count: int | None

    def ranked(self, rows: Sequence[Row]) -> Ranked:
        """The rows that `sql` brought, taken apart."""
        keys = [tuple(row[place] for place in self.keys) for row in rows]
        return Ranked([row[: len(row) - self.appended] for row in rows], keys, self.offset, self.count)


@lru_cache(maxsize=4_096)
def is_ordered(sql: str, dialect: str = "sqlite") -> bool:
    """Whether the outermost query orders its rows; what cannot be read counts as not ordered."""
    tree = _parsed(sql, dialect)
    return tree is not None and tree.args.get("order") is not None


@lru_cache(maxsize=4_096)
def ranking_of(sql: str, dialect: str = "sqlite") -> Ranking | None:
    """How to see which rows tie; None where nothing is left open, or it cannot be seen."""
    tree = _parsed(sql, dialect)
    if tree is None:
        return None
    order, limit = tree.args.get("order"), tree.args.get("limit")
    if order is None and limit is None:
        return None
    count, offset = _number(limit), _number(tree.args.get("offset"))
    if (limit is not None and count is None) or (tree.args.get("offset") is not None and offset is None):
        return None
    whole = tree.copy()
    whole.set("limit", None)
    whole.set("offset", None)
    keys = [one.this for one in order.expressions] if order is not None else []
    places = _places(whole, keys)
    if places is None:
        return None
    appended = sum(place < 0 for place in places)
    return Ranking(whole.sql(dialect=dialect), places, appended, offset or 0, count)


def _parsed(sql: str, dialect: str) -> exp.Query | None:
    try:
        tree = parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    while isinstance(tree, exp.Subquery) and tree.is_wrapper:
        tree = tree.this
    return tree if isinstance(tree, exp.Query) else None


def _number(clause: exp.Expr | None) -> int | None:
    """The number of a LIMIT, OFFSET or FETCH that says it as a plain number."""
    value = clause and (clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.expression)
    return int(value.this) if isinstance(value, exp.Literal) and value.is_int else None


def _places(tree: exp.Query, keys: Sequence[exp.Expr]) -> tuple[int, ...] | None:
    """Where each key stands in a row; keys that do not are appended to `tree`. None where that changes its meaning."""
    found: list[int | exp.Expr] = []
    for key in keys:
        place = _own_place(tree, key)
        if place is None and (not isinstance(tree, exp.Select) or tree.args.get("distinct") or key.is_int):
            return None
        found.append(key if place is None else place)
    missing = [one for one in found if not isinstance(one, int)]
    if missing and isinstance(tree, exp.Select):
        tree.select(*(one.copy().as_(f"key_{number}") for number, one in enumerate(missing)), copy=False)
    positions = iter(range(-len(missing), 0))
    return tuple(one if isinstance(one, int) else next(positions) for one in found)


def _own_place(tree: exp.Query, key: exp.Expr) -> int | None:
    """The position of the result's own column that a key means: by number, by name or by saying the same."""
    selects = tree.selects
    if any(one.is_star for one in selects):
        return None
    if key.is_int:
        place = int(key.name) - 1
        return place if 0 <= place < len(selects) else None
    names = [one.alias_or_name.lower() for one in selects]
    is_name = isinstance(key, exp.Column) and not key.table
    if is_name and names.count(key.name.lower()) == 1:
        return names.index(key.name.lower())
    return next((place for place, one in enumerate(selects) if one.unalias() == key), None)
