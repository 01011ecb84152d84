"""Writes a frame as a syntax tree: joins that keep rows single, sub-selects where rows would multiply."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from sqlglot import exp

from apps.knowledge.catalog import Kind
from apps.knowledge.joins import Join
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator
from apps.queries.engines.builtin.sql import NotJoinable, SqlWriter

from .frame import Fact, Frame, Group, Measure, Related, Term, Value
from .paths import is_certain, multiplies, path
from .units import unit_of

_COMPARE: dict[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ,
    Operator.NOT_EQUAL: exp.NEQ,
    Operator.GREATER: exp.GT,
    Operator.AT_LEAST: exp.GTE,
    Operator.LESS: exp.LT,
    Operator.AT_MOST: exp.LTE,
}
_AGGREGATES: dict[Aggregate, type[exp.AggFunc]] = {
    Aggregate.COUNT: exp.Count,
    Aggregate.SUM: exp.Sum,
    Aggregate.AVG: exp.Avg,
    Aggregate.MIN: exp.Min,
    Aggregate.MAX: exp.Max,
}
_AGGREGATE_NAMES = {Aggregate.SUM: "total", Aggregate.AVG: "average", Aggregate.MIN: "lowest", Aggregate.MAX: "highest"}
_FEWER = {Operator.LESS: Operator.AT_LEAST, Operator.AT_MOST: Operator.GREATER}
_NOT_WORD = re.compile(r"\W+")


class FrameWriter(SqlWriter):
    """Writes frames over one catalog."""

    def frame(self, frame: Frame) -> exp.Select:
        """The frame as a tree. Raises NotJoinable where tables do not hang together or a sum would count rows twice."""
        joins, qualified, query = self._source(frame)
        query = query.where(*self._conditions(frame, qualified), copy=False) if frame.facts or frame.related else query
        if frame.average_per:
            return self._averaged(query, frame)
        measure = self._measure(frame, joins, qualified) if frame.measure else None
        query = query.select(*self._selected(frame, measure, qualified), copy=False)
        if frame.groups:
            keys = [key for group in frame.groups for key in self._group_keys(group, qualified)]
            query = query.group_by(*keys, copy=False)
        if frame.having and measure is not None:
            operator, number = frame.having
            query = query.having(
                _COMPARE[operator](this=measure.copy(), expression=exp.Literal.number(number)), copy=False
            )
        return self._ranked(query, frame, measure, qualified)

    def plain(self, key: ColumnKey) -> exp.Column:
        """A column of the only table."""
        return self._column(key, False)

    def _source(self, frame: Frame) -> tuple[list[Join], bool, exp.Select]:
        tables = [term.key[0] for term in frame.show]
        tables += [group.term.key[0] for group in frame.groups] + [
            key[0] for fact in frame.facts for key in keys_of(fact)
        ]
        tables += [frame.rank_by.key[0]] if frame.rank_by else []
        joins = self._tree(frame.base, tables)
        counts_groups = (
            frame.measure and frame.measure.aggregate is Aggregate.COUNT and frame.groups and not frame.facts
        )
        if multiplies(joins, self._catalog) and not counts_groups:
            raise NotJoinable("a row would be counted more than once")
        return joins, bool(joins or frame.related), self._from(exp.Select(), frame.base, joins)

    def _tree(self, base: str, tables: Iterable[str]) -> list[Join]:
        """Joins from the base to each table, shared steps once."""
        joins: list[Join] = []
        joined = {base}
        for table in dict.fromkeys(tables):
            steps = path(self._catalog, base, table)
            if steps is None or not is_certain(steps, self._catalog):
                raise NotJoinable(f"{base}, {table}")
            for step in steps:
                if step.target not in joined:
                    joined.add(step.target)
                    joins.append(step)
        return joins

    def _selected(self, frame: Frame, measure: exp.Expr | None, qualified: bool) -> list[exp.Expr]:
        terms = [(group.term, self._alias(group.term)) for group in frame.groups]
        terms += [(term, self._alias(term)) for term in frame.show]
        selected = [_aliased(self._term(term, qualified), alias) for term, alias in terms]
        if frame.measure and measure is not None and not (frame.hide_measure and terms):
            selected.append(_aliased(measure, self._measure_alias(frame)))
        return selected

    def _alias(self, term: Term) -> str:
        return term.unit or ""

    def _measure_alias(self, frame: Frame) -> str:
        measure = frame.measure
        if measure is None:
            return ""
        if measure.aggregate is Aggregate.COUNT:
            return _NOT_WORD.sub("_", "_".join(self._catalog.tables[frame.base].words)) + "_count"
        words = self._catalog.columns[measure.column].words if measure.column else ()
        return _NOT_WORD.sub("_", "_".join((_AGGREGATE_NAMES[measure.aggregate], *words)))

    def _measure(self, frame: Frame, joins: Sequence[Join], qualified: bool) -> exp.Expr:
        measure = frame.measure or Measure(Aggregate.COUNT)
        if measure.column is not None:
            inner: exp.Expr = self._column(measure.column, qualified)
            return _AGGREGATES[measure.aggregate](this=exp.Distinct(expressions=[inner]) if measure.distinct else inner)
        if not multiplies(joins, self._catalog):
            return exp.Count(this=exp.Star())
        identity = self._catalog.tables[frame.base].id_column
        if identity is None:
            raise NotJoinable(f"rows of {frame.base} cannot be told apart")
        return exp.Count(this=exp.Distinct(expressions=[self._column(identity.key, qualified)]))

    def _group_keys(self, group: Group, qualified: bool) -> list[exp.Expr]:
        identity = [self._column(group.identity, qualified)] if group.identity else []
        return [*identity, self._term(group.term, qualified)]

    def _ranked(self, query: exp.Select, frame: Frame, measure: exp.Expr | None, qualified: bool) -> exp.Select:
        if frame.descending is not None:
            by = self._term(frame.rank_by, qualified) if frame.rank_by else measure
            if by is not None:
                ordered = exp.Ordered(this=by.copy(), desc=frame.descending, nulls_first=False)
                query = query.order_by(ordered, copy=False)
        elif units := [group.term for group in frame.groups if group.term.unit]:
            query = query.order_by(*(exp.Ordered(this=self._term(term, qualified)) for term in units), copy=False)
        return query.limit(frame.limit, copy=False) if frame.limit else query

    def _averaged(self, query: exp.Select, frame: Frame) -> exp.Select:
        """The mean over rows of another table of how many rows belong to each."""
        key = self._column(frame.average_per or ("", ""), True)
        inner = query.select(_aliased(exp.Count(this=exp.Star()), "how_many"), copy=False).group_by(key, copy=False)
        mean = _aliased(exp.Avg(this=exp.column("how_many")), "average_count")
        return (
            exp.Select()
            .select(mean)
            .from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("counted"))))
        )

    def _conditions(self, frame: Frame, qualified: bool) -> list[exp.Expr]:
        found = [self._fact(fact, qualified) for fact in frame.facts]
        return [*found, *(self._related(related, frame.base) for related in frame.related)]

    def _fact(self, fact: Fact, qualified: bool) -> exp.Expr:
        left = self._term(fact.term, qualified)
        if fact.operator in (Operator.IS_NULL, Operator.NOT_NULL):
            null = exp.Is(this=left, expression=exp.Null())
            return null if fact.operator is Operator.IS_NULL else exp.Not(this=null)
        if fact.operator is Operator.BETWEEN and isinstance(fact.value, tuple):
            low, high = (self._constant(one, fact.term) for one in fact.value)
            return exp.Between(this=left, low=low, high=high)
        if fact.operator in (Operator.IN, Operator.NOT_IN) and isinstance(fact.value, tuple):
            inside = exp.In(this=left, expressions=[self._constant(one, fact.term) for one in fact.value])
            return inside if fact.operator is Operator.IN else exp.Not(this=inside)
        right = self._constant(fact.value, fact.term, qualified)
        if fact.shift_days:
            right = self._shifted(right, fact.shift_days)
        return _COMPARE[fact.operator](this=left, expression=right)

    def _shifted(self, right: exp.Expr, days: int) -> exp.Expr:
        if self.dialect == "sqlite":
            return exp.Anonymous(this="DATETIME", expressions=[right, exp.Literal.string(f"+{days} days")])
        return exp.Add(
            this=right, expression=exp.Interval(this=exp.Literal.string(str(days)), unit=exp.Var(this="DAY"))
        )

    def _constant(self, value: Value, term: Term, qualified: bool = True) -> exp.Expr:
        entry = self._catalog.columns[term.key]
        if isinstance(value, Term):
            return self._term(value, qualified)
        if isinstance(value, dt.date):
            text = exp.Literal.string(value.isoformat())
            is_native = entry.column.type.is_temporal and self.dialect != "sqlite"
            return exp.cast(text, exp.DataType.Type.DATE) if is_native else text
        if isinstance(value, int | float) and (entry.kind is Kind.NUMBER or term.unit):
            return exp.Literal.number(value)
        return exp.Literal.string(str(value))

    def _term(self, term: Term, qualified: bool) -> exp.Expr:
        column = self._column(term.key, qualified)
        return unit_of(column, term.unit, self.dialect, as_number=term.as_number) if term.unit else column

    def _related(self, related: Related, base: str) -> exp.Expr:
        steps = path(self._catalog, base, related.table)
        if not steps or not is_certain(steps, self._catalog):
            raise NotJoinable(f"{base}, {related.table}")
        first, rest = steps[0], list(steps[1:])
        joined = {first.target, *(step.target for step in rest)}
        for fact in related.facts:
            for key in keys_of(fact):
                for step in path(self._catalog, related.table, key[0]) or ():
                    if step.target not in joined and step.target != base:
                        joined.add(step.target)
                        rest.append(step)
        inner = self._from(exp.Select(), first.target, rest).where(
            *(self._fact(fact, True) for fact in related.facts), copy=False
        )
        if related.operator is not None and len(first.columns) == 1:
            return self._counted(related, first, inner, base)
        pairs = zip(first.columns, first.target_columns, strict=True)
        equal = [
            exp.EQ(this=self._column((first.target, far), True), expression=self._column((base, near), True))
            for near, far in pairs
        ]
        exists = exp.Exists(this=inner.select("1", copy=False).where(*equal, copy=False))
        return exp.Not(this=exists) if related.negated else exists

    def _counted(self, related: Related, first: Join, inner: exp.Select, base: str) -> exp.Expr:
        """Membership in the rows that have enough; "fewer than" is not having enough."""
        operator = related.operator or Operator.AT_LEAST
        key = self._column((first.target, first.target_columns[0]), True)
        identity = self._catalog.tables[related.table].id_column
        rows = exp.Count(this=exp.Distinct(expressions=[self._column(identity.key, True)]) if identity else exp.Star())
        enough = _COMPARE[_FEWER.get(operator, operator)](this=rows, expression=exp.Literal.number(related.number))
        known = exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null()))
        inner = (
            inner.select(key, copy=False)
            .where(known, copy=False)
            .group_by(key.copy(), copy=False)
            .having(enough, copy=False)
        )
        inside = exp.In(this=self._column((base, first.columns[0]), True), query=exp.Subquery(this=inner))
        return exp.Not(this=inside) if operator in _FEWER else inside


def keys_of(fact: Fact) -> list[ColumnKey]:
    """The columns that a condition looks at."""
    return [fact.term.key, *([fact.value.key] if isinstance(fact.value, Term) else [])]


def _aliased(expression: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(expression, alias, copy=False) if alias else expression
