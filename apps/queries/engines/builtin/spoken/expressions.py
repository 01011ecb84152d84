"""Writes the parts of a frame that stand inside a clause: terms, constants, conditions."""

import datetime as dt
from dataclasses import replace

from sqlglot import exp

from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator
from apps.queries.engines.builtin.sql import SqlWriter

from .frame import Fact, Others, Sign, Term, Value
from .units import days_between, unit_of

COMPARE: dict[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ,
    Operator.NOT_EQUAL: exp.NEQ,
    Operator.GREATER: exp.GT,
    Operator.AT_LEAST: exp.GTE,
    Operator.LESS: exp.LT,
    Operator.AT_MOST: exp.LTE,
}
AGGREGATES: dict[Aggregate, type[exp.AggFunc]] = {
    Aggregate.COUNT: exp.Count,
    Aggregate.SUM: exp.Sum,
    Aggregate.AVG: exp.Avg,
    Aggregate.MIN: exp.Min,
    Aggregate.MAX: exp.Max,
}
_SIGNS: dict[Sign, type[exp.Binary]] = {Sign.PLUS: exp.Add, Sign.MINUS: exp.Sub, Sign.TIMES: exp.Mul}
_OTHERS = "others"


class TermWriter(SqlWriter):
    """Writes terms and conditions over one catalog."""

    def plain(self, key: ColumnKey) -> exp.Column:
        """A column of the only table."""
        return self._column(key, False)

    def _term(self, term: Term, qualified: bool) -> exp.Expr:
        if term.others:
            return self._of_others(term, term.others)
        column = self._column(term.key, qualified)
        if term.sign and term.other:
            return self._reckoned(column, term.sign, self._column(term.other, qualified))
        return unit_of(column, term.unit, self.dialect, as_number=term.as_number) if term.unit else column

    def _reckoned(self, left: exp.Expr, sign: Sign, right: exp.Expr) -> exp.Expr:
        if sign is Sign.DAYS:
            return days_between(left, right, self.dialect)
        if sign is Sign.OVER:
            return over(left, right)
        return exp.paren(_SIGNS[sign](this=left, expression=right))

    def _of_others(self, term: Term, others: Others) -> exp.Expr:
        """A sub-select over the same table under another name."""
        table = self._table(term.key[0])
        table.set("alias", exp.TableAlias(this=exp.to_identifier(_OTHERS)))
        inner: exp.Expr = self._aliased_column(term.key)
        inner = AGGREGATES[others.aggregate](this=inner) if others.aggregate else inner
        query = exp.Select().select(inner, copy=False).from_(table, copy=False)
        if others.here and others.there:
            same = exp.EQ(this=self._aliased_column(others.there), expression=self._column(others.here, True))
            query = query.where(same, copy=False)
        inside = exp.Subquery(this=query)
        return inside if others.times == 1 else exp.Mul(this=exp.Literal.number(others.times), expression=inside)

    def _aliased_column(self, key: ColumnKey) -> exp.Column:
        return exp.Column(this=self._identifier(key[1]), table=exp.to_identifier(_OTHERS))

    def _fact(self, fact: Fact, qualified: bool) -> exp.Expr:
        if fact.unless is not None:
            return exp.or_(self._fact(fact.unless, qualified), self._fact(replace(fact, unless=None), qualified))
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
        if fact.operator in (Operator.LIKE, Operator.NOT_LIKE):
            like = (exp.ILike if self.dialect in ("postgres", "duckdb") else exp.Like)(this=left, expression=right)
            return like if fact.operator is Operator.LIKE else exp.Not(this=like)
        if fact.shift_days:
            right = self._shifted(right, fact.shift_days)
        return COMPARE[fact.operator](this=left, expression=right)

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
        if isinstance(value, int | float) and (entry.kind is Kind.NUMBER or term.unit or term.sign):
            return exp.Literal.number(value)
        return exp.Literal.string(str(value))


def over(left: exp.Expr, right: exp.Expr, *, percent: bool = False) -> exp.Expr:
    """A division that keeps its fraction in every dialect and gives NULL instead of failing on zero."""
    factor = exp.Literal.number("100.0" if percent else "1.0")
    known = exp.Nullif(this=right, expression=exp.Literal.number(0))
    return exp.Div(this=exp.Mul(this=factor, expression=left), expression=known)


def keys_of(fact: Fact) -> list[ColumnKey]:
    """The columns that a condition looks at."""
    own = [*fact.term.columns(), *(fact.value.columns() if isinstance(fact.value, Term) else ())]
    return [*own, *(keys_of(fact.unless) if fact.unless else ())]
