"""Reads SQL as a plan, as far as a plan can say it: what training and follow-ups start from."""

from collections.abc import Iterator, Mapping

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.knowledge.catalog import Catalog

from .plan import Aggregate, ColumnKey, Combination, Condition, Item, Operator, Order, Plan, Scalar

_OPERATORS: Mapping[type[exp.Expr], Operator] = {
    exp.EQ: Operator.EQUAL, exp.NEQ: Operator.NOT_EQUAL, exp.GT: Operator.GREATER, exp.GTE: Operator.AT_LEAST,
    exp.LT: Operator.LESS, exp.LTE: Operator.AT_MOST, exp.Like: Operator.LIKE, exp.ILike: Operator.LIKE,
}  # fmt: skip
_AGGREGATES: Mapping[type[exp.Expr], Aggregate] = {
    exp.Count: Aggregate.COUNT, exp.Sum: Aggregate.SUM, exp.Avg: Aggregate.AVG, exp.Min: Aggregate.MIN,
    exp.Max: Aggregate.MAX,
}  # fmt: skip
_COMBINATIONS: Mapping[type[exp.Expr], Combination] = {
    exp.Union: Combination.UNION, exp.Intersect: Combination.INTERSECT, exp.Except: Combination.EXCEPT,
}  # fmt: skip
_NEGATED = {Operator.LIKE: Operator.NOT_LIKE, Operator.IN: Operator.NOT_IN, Operator.IS_NULL: Operator.NOT_NULL,
            Operator.EQUAL: Operator.NOT_EQUAL}  # fmt: skip


class NotAPlan(Exception):
    """The SQL says something that a plan cannot."""


def read_plan(sql: str, catalog: Catalog) -> Plan:
    """The plan of one SELECT in the catalog's dialect. Raises NotAPlan."""
    try:
        tree = parse_one(sql, dialect=catalog.schema.dialect)
    except (SqlglotError, RecursionError) as error:
        raise NotAPlan("does not parse") from error
    return _query(tree, catalog)


def _query(tree: exp.Expr, catalog: Catalog) -> Plan:
    tree = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    combination = _COMBINATIONS.get(type(tree))
    if combination and isinstance(tree, exp.SetOperation):
        return _query(tree.left, catalog).with_changes(combined=(combination, _query(tree.right, catalog)))
    if not isinstance(tree, exp.Select):
        raise NotAPlan(type(tree).__name__)
    return _SelectReader(tree, catalog).plan()


class _SelectReader:
    """Reads one level of a query, whose aliases it knows."""

    def __init__(self, tree: exp.Select, catalog: Catalog) -> None:
        self._tree = tree
        self._catalog = catalog
        self._tables: dict[str, str] = {}
        for source in self._sources():
            entry = catalog.schema.table(source.name) if isinstance(source, exp.Table) else None
            if entry is None or entry.full_name in self._tables.values():
                raise NotAPlan("a derived table or a table joined with itself")
            self._tables[source.alias_or_name.lower()] = entry.full_name

    def _sources(self) -> Iterator[exp.Expr]:
        start = self._tree.args.get("from_") or self._tree.args.get("from")
        if start is None:
            raise NotAPlan("no table")
        yield start.this
        yield from (join.this for join in self._tree.args.get("joins") or ())

    def plan(self) -> Plan:
        tree = self._tree
        where, any_of = self._conditions(tree.args.get("where"))
        having, _ = self._conditions(tree.args.get("having"))
        limit = tree.args.get("limit")
        group = tree.args.get("group")
        order = tree.args.get("order")
        return Plan(
            tuple(self._item(one) for one in tree.expressions),
            tuple(self._tables.values()),
            where,
            any_of,
            tuple(self._key(one) for one in group.expressions) if group else (),
            having,
            tuple(Order(self._item(one.this), bool(one.args.get("desc"))) for one in order.expressions)
            if order
            else (),
            int(limit.expression.name) if limit else None,
            bool(tree.args.get("distinct")),
        )

    def _conditions(self, clause: exp.Expr | None) -> tuple[tuple[Condition, ...], bool]:
        if clause is None:
            return (), False
        inside = clause.this.unnest()
        if isinstance(inside, exp.Or):
            return tuple(self._condition(one) for one in inside.flatten()), True
        parts = list(inside.flatten()) if isinstance(inside, exp.And) else [inside]
        return tuple(self._condition(one) for one in parts), False

    def _condition(self, tree: exp.Expr) -> Condition:
        tree = tree.unnest()
        if isinstance(tree, exp.Not):
            positive = self._condition(tree.this)
            if positive.operator not in _NEGATED:
                raise NotAPlan("negated comparison")
            return Condition(positive.item, _NEGATED[positive.operator], positive.value)
        item = self._item(tree.this) if tree.this is not None else Item(None)
        if isinstance(tree, exp.Between):
            return Condition(item, Operator.BETWEEN, (self._scalar(tree.args["low"]), self._scalar(tree.args["high"])))
        if isinstance(tree, exp.In):
            return Condition(item, Operator.IN, self._members(tree))
        if isinstance(tree, exp.Is):
            return Condition(item, Operator.IS_NULL)
        if type(tree) not in _OPERATORS:
            raise NotAPlan(type(tree).__name__)
        operator = _OPERATORS[type(tree)]
        return Condition(
            item, _NEGATED[operator] if tree.args.get("negate") else operator, self._value(tree.expression)
        )

    def _members(self, tree: exp.In) -> Plan | tuple[Scalar, ...]:
        nested = tree.args.get("query")
        return _query(nested, self._catalog) if nested else tuple(self._scalar(one) for one in tree.expressions)

    def _value(self, tree: exp.Expr) -> Scalar | Item | Plan:
        if isinstance(tree, exp.Subquery):
            return _query(tree, self._catalog)
        if isinstance(tree, exp.Column) and self._find(tree) is None:
            return tree.name
        return self._item(tree) if isinstance(tree, exp.Column) else self._scalar(tree)

    def _scalar(self, tree: exp.Expr) -> Scalar:
        if isinstance(tree, exp.Neg):
            return -float(tree.this.name)
        if isinstance(tree, exp.Literal):
            return tree.name if tree.is_string else _as_number(tree.name)
        if isinstance(tree, exp.Column) and self._find(tree) is None:
            return tree.name
        if isinstance(tree, exp.Boolean):
            return int(tree.this)
        raise NotAPlan(type(tree).__name__)

    def _item(self, tree: exp.Expr) -> Item:
        tree = tree.unalias().unnest()
        aggregate = _AGGREGATES.get(type(tree))
        if aggregate:
            inner = tree.this
            distinct = isinstance(inner, exp.Distinct)
            inner = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
            return Item(None if isinstance(inner, exp.Star) else self._key(inner), aggregate, distinct)
        return Item(None) if tree.is_star else Item(self._key(tree))

    def _key(self, tree: exp.Expr) -> ColumnKey:
        found = self._find(tree) if isinstance(tree, exp.Column) else None
        if found is None:
            raise NotAPlan(f"no column {tree.sql()}")
        return found

    def _find(self, tree: exp.Column) -> ColumnKey | None:
        named = self._tables.get(tree.table.lower())
        tables = [named] if named else [] if tree.table else list(self._tables.values())
        for table in tables:
            entry = self._catalog.column(table, tree.name)
            if entry:
                return entry.key
        return None


def _as_number(text: str) -> int | float:
    number = float(text)
    return int(number) if number == int(number) and "." not in text else number
