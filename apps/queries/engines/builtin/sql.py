"""Writes a plan as a syntax tree in a dialect, with the joins it needs."""

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from apps.datasources.schema import ColumnType
from apps.knowledge.catalog import Catalog, Kind
from apps.knowledge.joins import Join
from apps.knowledge.names import word_set

from .plan import Aggregate, ColumnKey, Combination, Condition, Item, Operator, Order, Plan

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN_LOWER_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_FOLDS_TO_LOWER = frozenset(("postgres", "redshift", "trino", "snowflake", "oracle"))
_RESERVED = word_set(
    """
    all alter analyse analyze and any array as asc between both by case cast check collate column commit
    constraint create cross current_date current_time current_timestamp current_user default deferrable delete
    desc distinct do drop else end escape except exists false fetch for foreign from full grant group having in
    index initially inner insert intersect into is isnull join key lateral leading left like limit localtime
    natural not notnull null offset on only or order outer overlaps placing primary range rank references
    returning right rows select session_user set similar some symmetric system table then to trailing
    transaction trigger true union unique update user using values view when where window with year_month
    """
)
_COMPARISONS: Mapping[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ, Operator.NOT_EQUAL: exp.NEQ, Operator.GREATER: exp.GT, Operator.AT_LEAST: exp.GTE,
    Operator.LESS: exp.LT, Operator.AT_MOST: exp.LTE,
}  # fmt: skip
_AGGREGATES = {
    Aggregate.COUNT: exp.Count, Aggregate.SUM: exp.Sum, Aggregate.AVG: exp.Avg, Aggregate.MIN: exp.Min,
    Aggregate.MAX: exp.Max,
}  # fmt: skip
_COMBINATIONS = {Combination.UNION: exp.union, Combination.INTERSECT: exp.intersect, Combination.EXCEPT: exp.except_}


class NotJoinable(Exception):
    """The tables of a plan do not hang together."""


def _check_groups(plan: Plan) -> None:
    """A value of no particular row beside an aggregate: SQLite picks one, others refuse. Raises NotJoinable."""
    if any(item.aggregate for item in plan.select):
        sorted_by = [] if plan.group else [order.item for order in plan.order]
        plain = [item for item in (*plan.select, *sorted_by) if item.aggregate is None]
        if any(item.column not in plan.group for item in plain):
            raise NotJoinable("a column stands beside an aggregate without a group")


class SqlWriter:
    """Writes plans over one catalog. `preference` says which of several possible joins a question means."""

    def __init__(self, catalog: Catalog, preference: Mapping[Join, float] | None = None) -> None:
        self._catalog = catalog
        self.dialect = catalog.schema.dialect
        self._preference = preference or {}

    def write(self, plan: Plan) -> exp.Query:
        """The plan as a syntax tree. Raises NotJoinable."""
        query: exp.Query = self._select(plan)
        if plan.combined:
            combination, other = plan.combined
            query = _COMBINATIONS[combination](query, self.write(other), copy=False)
        return query

    def joins_of(self, plan: Plan) -> list[Join]:
        """The joins that the plan's own level takes. Raises NotJoinable."""
        tables = plan.all_tables()
        joins = self._catalog.joins.connect(tables, self._preference) if tables else None
        if joins is None:
            raise NotJoinable(", ".join(tables) or "no table")
        return joins

    def _select(self, plan: Plan) -> exp.Select:
        tables = plan.all_tables()
        joins = self.joins_of(plan)
        qualified = bool(joins)
        if self.dialect != "sqlite":
            _check_groups(plan)
        query = exp.Select().select(*(self._item(item, qualified, tables) for item in plan.select), copy=False)
        query = self._from(query, joins[0].table if joins else tables[0], joins)
        if plan.where:
            conditions = [self._condition(condition, qualified) for condition in plan.where]
            query = query.where(exp.or_(*conditions) if plan.any_of else exp.and_(*conditions), copy=False)
        if plan.group:
            query = query.group_by(*(self._column(key, qualified) for key in plan.group), copy=False)
        if plan.having:
            query = query.having(*(self._condition(condition, qualified) for condition in plan.having), copy=False)
        return self._finish(query, plan, qualified)

    def _finish(self, query: exp.Select, plan: Plan, qualified: bool) -> exp.Select:
        outside = [order.item for order in plan.order if order.item not in plan.select]
        regroups = plan.distinct and bool(outside) and not plan.group and self.dialect != "sqlite"
        if regroups and any(item.aggregate for item in plan.select):
            raise NotJoinable("rows that come once are ordered by what they do not show")
        if regroups:  # what DISTINCT means beside such an order, which only SQLite lets pass
            query = query.group_by(*(self._item(item, qualified, ()) for item in plan.select), copy=False)
        if plan.order:
            grouped = plan.select if regroups else tuple(Item(key) for key in plan.group)
            orders = [
                exp.Ordered(
                    this=self._sorted_by(order, grouped, qualified),
                    desc=order.descending,
                    nulls_first=not order.descending,
                )
                for order in plan.order
            ]
            query = query.order_by(*orders, copy=False)
        if plan.limit is not None:
            query = query.limit(plan.limit, copy=False)
        return query.distinct(copy=False) if plan.distinct and not regroups else query

    def _sorted_by(self, order: Order, grouped: Sequence[Item], qualified: bool) -> exp.Expr:
        """What is sorted by; of a column beside the groups the end that decides, as all but SQLite demand."""
        item = order.item
        if grouped and item.aggregate is None and item not in grouped and self.dialect != "sqlite":
            item = Item(item.column, Aggregate.MAX if order.descending else Aggregate.MIN)
        return self._item(item, qualified, ())

    def _from(self, query: exp.Select, start: str, joins: Sequence[Join]) -> exp.Select:
        query = query.from_(self._table(start), copy=False)
        for join in joins:
            pairs = zip(join.columns, join.target_columns, strict=True)
            equal = [
                exp.EQ(this=self._column((join.table, left), True), expression=self._column((join.target, right), True))
                for left, right in pairs
            ]
            query = query.join(self._table(join.target), on=exp.and_(*equal), copy=False)
        return query

    def _item(self, item: Item, qualified: bool, tables: Sequence[str]) -> exp.Expr:
        if item.aggregate is None:
            if item.column:
                return self._column(item.column, qualified)
            return exp.Column(this=exp.Star(), table=self._table_name(tables[0])) if qualified else exp.Star()
        inner: exp.Expr = self._column(item.column, qualified) if item.column else exp.Star()
        if item.column and item.aggregate in (Aggregate.SUM, Aggregate.AVG):
            inner = self._number(item.column, inner)
        if item.distinct:
            inner = exp.Distinct(expressions=[inner])
        return _AGGREGATES[item.aggregate](this=inner)

    def _number(self, key: ColumnKey, column: exp.Expr) -> exp.Expr:
        """A column as what may be added up, where SQLite would take it for a number and others would not.

        Raises NotJoinable for text. PostgreSQL's `real` counts as the decimals it shows: 4.6, not 4.599999904632568.
        """
        entry = self._catalog.columns[key]
        if self.dialect == "sqlite":
            return column
        if entry.column.type is ColumnType.BOOLEAN:
            return exp.Case().when(column, exp.Literal.number(1)).else_(exp.Literal.number(0))
        if entry.kind is Kind.TEXT:
            raise NotJoinable(f"{key[1]} is text")
        is_single = self.dialect == "postgres" and entry.column.native_type.lower() in ("real", "float4")
        return exp.cast(column, exp.DataType.Type.DECIMAL) if is_single else column

    def _condition(self, condition: Condition, qualified: bool) -> exp.Expr:
        left, operator, value = self._item(condition.item, qualified, ()), condition.operator, condition.value
        if operator in (Operator.IS_NULL, Operator.NOT_NULL):
            null = exp.Is(this=left, expression=exp.Null())
            return null if operator is Operator.IS_NULL else exp.Not(this=null)
        if operator is Operator.BETWEEN and isinstance(value, tuple):
            low, high = (self._literal(one, condition.item) for one in value)
            return exp.Between(this=left, low=low, high=high)
        if operator is Operator.WITHIN and isinstance(value, tuple):
            first, after = (self._literal(one, condition.item) for one in value)
            return exp.and_(exp.GTE(this=left, expression=first), exp.LT(this=left.copy(), expression=after))
        if operator in (Operator.IN, Operator.NOT_IN):
            inside = self._in(left, condition)
            return inside if operator is Operator.IN else exp.Not(this=inside)
        right = self._operand(condition, qualified)
        if operator in (Operator.LIKE, Operator.NOT_LIKE):
            like = (exp.ILike if self.dialect == "postgres" else exp.Like)(this=left, expression=right)
            return like if operator is Operator.LIKE else exp.Not(this=like)
        return _COMPARISONS[operator](this=left, expression=right)

    def _in(self, left: exp.Expr, condition: Condition) -> exp.In:
        if isinstance(condition.value, Plan):
            return exp.In(this=left, query=exp.Subquery(this=self.write(condition.value)))
        values = condition.value if isinstance(condition.value, tuple) else ()
        return exp.In(this=left, expressions=[self._literal(value, condition.item) for value in values])

    def _operand(self, condition: Condition, qualified: bool) -> exp.Expr:
        value = condition.value
        if isinstance(value, Plan):
            return exp.Subquery(this=self.write(value))
        if isinstance(value, Item):
            return self._item(value, qualified, ())
        if isinstance(value, str | int | float):
            return self._literal(value, condition.item)
        raise TypeError(f"{condition.operator} cannot compare with {value!r}")

    def _literal(self, value: str | int | float, item: Item) -> exp.Expr:
        """A constant in the form that its column compares with: text columns compare with text."""
        if isinstance(value, str):
            return exp.Literal.string(value)
        entry = self._catalog.columns.get(item.column) if item.column and item.aggregate is None else None
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        if entry is not None and entry.kind in (Kind.TEXT, Kind.DATE):
            return exp.Literal.string(text)
        return exp.Literal.number(text)

    def _column(self, key: tuple[str, str], qualified: bool) -> exp.Column:
        table = self._table_name(key[0]) if qualified else None
        return exp.Column(this=self._identifier(key[1]), table=table)

    def _table(self, name: str) -> exp.Table:
        table = self._catalog.tables[name].table
        hidden = table.namespace in (None, self._catalog.schema.default_namespace)
        namespace = None if hidden else self._identifier(table.namespace or "")
        alias = None if hidden else exp.TableAlias(this=self._table_name(name))
        return exp.Table(this=self._identifier(table.name), db=namespace, alias=alias)

    def _table_name(self, name: str) -> exp.Identifier:
        """What a table is called inside the query."""
        table = self._catalog.tables[name].table
        hidden = table.namespace in (None, self._catalog.schema.default_namespace)
        return self._identifier(table.name if hidden else f"{table.namespace}_{table.name}")

    def _identifier(self, name: str) -> exp.Identifier:
        plain = _PLAIN_LOWER_NAME if self.dialect in _FOLDS_TO_LOWER else _PLAIN_NAME
        return exp.to_identifier(name, quoted=not plain.fullmatch(name) or name.lower() in _RESERVED)
