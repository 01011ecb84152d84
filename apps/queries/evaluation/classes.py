"""What class a question is of, and how hard it is, by the shape of its known SQL. No Django here."""

from enum import StrEnum
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


class SqlClass(StrEnum):
    """The first of these that fits, from the last to the first."""

    FLAT = "one table, flat"
    ORDER = "order, one table"
    CHOICE = "or, like, between"
    JOIN = "join, flat"
    GROUP = "group"
    GROUP_ORDERED = "group, ordered"
    HAVING = "having"
    NESTED = "nested query"
    SET_OPERATION = "set operation"
    UNREADABLE = "not readable"


class Difficulty(StrEnum):
    """Spider's four degrees (Yu et al., EMNLP 2018)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"
    EXTRA = "extra"


@lru_cache(maxsize=4_096)
def class_of(sql: str, dialect: str = "sqlite") -> SqlClass:
    """The class of a question that this SQL answers."""
    tree = _parsed(sql, dialect)
    if tree is None:
        return SqlClass.UNREADABLE
    if tree.find(exp.SetOperation):
        return SqlClass.SET_OPERATION
    if len(list(tree.find_all(exp.Select))) > 1:
        return SqlClass.NESTED
    return _class_of_select(tree)


def _class_of_select(tree: exp.Query) -> SqlClass:
    """The class of one SELECT without another inside."""
    if tree.args.get("having"):
        return SqlClass.HAVING
    if tree.args.get("group"):
        return SqlClass.GROUP_ORDERED if tree.args.get("order") else SqlClass.GROUP
    if tree.args.get("joins"):
        return SqlClass.JOIN
    if tree.find(exp.Or, exp.Like, exp.Between):
        return SqlClass.CHOICE
    return SqlClass.ORDER if tree.args.get("order") else SqlClass.FLAT


@lru_cache(maxsize=4_096)
def difficulty_of(sql: str, dialect: str = "sqlite") -> Difficulty | None:
    """Spider's degree of an SQL by what its outermost query is made of; None for what cannot be read."""
    tree = _parsed(sql, dialect)
    if tree is None:
        return None
    parts, nested, others = _parts(tree), _nested(tree), _others(_first(tree))
    if nested == 0:
        if parts <= 1 and others == 0:
            return Difficulty.EASY
        if (others <= 2 and parts <= 1) or (parts <= 2 and others < 2):
            return Difficulty.MEDIUM
        if (others > 2 and parts <= 2) or (2 < parts <= 3 and others <= 2):
            return Difficulty.HARD
    return Difficulty.HARD if nested <= 1 and parts <= 1 and others == 0 else Difficulty.EXTRA


def _parts(tree: exp.Query) -> int:
    """Clauses beside SELECT and FROM, tables joined, alternatives and patterns."""
    select = _first(tree)
    clauses = sum(bool(select.args.get(name)) for name in ("where", "group", "order", "limit"))
    conditions = [one for one in (select.args.get("where"), select.args.get("having")) if one]
    said = [_own(condition, exp.Or, exp.Like) for condition in conditions]
    return clauses + len(select.args.get("joins") or ()) + sum(map(len, said))


def _nested(tree: exp.Query) -> int:
    """Queries inside its conditions, and the other sides of set operations."""
    if isinstance(tree, exp.SetOperation):
        return 1 + _nested(_first(tree))
    conditions = [tree.args.get("where"), tree.args.get("having")]
    return sum(len(_own(condition, exp.Select)) for condition in conditions if condition)


def _others(select: exp.Query) -> int:
    """Of aggregates, columns, conditions and groups: how many there are more than one of."""
    where, group = select.args.get("where"), select.args.get("group")
    aggregates = _own(select, exp.AggFunc)
    conditions = len(_own(where, exp.Connector)) + 1 if where else 0
    counts = (len(aggregates), len(select.selects), conditions, len(group.expressions) if group else 0)
    return sum(count > 1 for count in counts)


def _first(tree: exp.Query) -> exp.Query:
    """The leftmost SELECT of a set operation."""
    while isinstance(tree, exp.SetOperation):
        tree = tree.left
    return tree


def _own(tree: exp.Expr, *kinds: type[exp.Expr]) -> list[exp.Expr]:
    """The nodes of these kinds, without what stands inside a query of its own."""
    found = []
    for node in tree.walk(prune=lambda one: one is not tree and isinstance(one, exp.Select)):
        if node is not tree and isinstance(node, kinds):
            found.append(node)
    return found


def _parsed(sql: str, dialect: str) -> exp.Query | None:
    try:
        tree = parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Query) else None
