"""Writes a frame as a syntax tree: joins that keep rows single, sub-selects where rows would multiply."""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from apps.knowledge.catalog import Kind
from apps.knowledge.joins import Join
from apps.queries.engines.builtin.plan import Aggregate, Operator
from apps.queries.engines.builtin.sql import NotJoinable

from .expressions import AGGREGATES, COMPARE, TermWriter, keys_of, over
from .frame import Frame, Group, Measure, Part, Related, Term
from .headings import Headings
from .paths import is_certain, multiplies, path
from .windows import averaged, changed, only_if, windowed

_FEWER = {Operator.LESS: Operator.AT_LEAST, Operator.AT_MOST: Operator.GREATER}


class FrameWriter(TermWriter):
    """Writes frames over one catalog."""

    def frame(self, frame: Frame) -> exp.Select:
        """The frame as a tree. Raises NotJoinable where tables do not hang together or a sum would count rows twice."""
        joins, qualified, query = self._source(frame)
        query = query.where(*self._conditions(frame, qualified), copy=False) if frame.facts or frame.related else query
        if frame.average_per:
            return averaged(query, self._column(frame.average_per, True))
        headings = Headings(self._catalog, frame)
        measures = [self._measure(one, frame, joins, qualified) for one in _measures(frame)]
        if frame.periods:
            return self._compared(query, frame, measures[0], qualified, headings)
        query = query.select(*self._selected(frame, measures, qualified, headings), copy=False)
        if frame.groups and measures:
            keys = [key for group in frame.groups for key in self._group_keys(group, qualified)]
            query = query.group_by(*keys, copy=False)
        if frame.having and measures:
            operator, number = frame.having
            having = COMPARE[operator](this=measures[0].copy(), expression=exp.Literal.number(number))
            query = query.having(having, copy=False)
        if frame.window or frame.top_per:
            return windowed(query, frame, headings) if query.expressions else query
        query = query.distinct(copy=False) if frame.distinct else query
        return self._ranked(query, frame, measures[0] if measures else None, qualified)

    def _source(self, frame: Frame) -> tuple[list[Join], bool, exp.Select]:
        terms = [*frame.show, *(group.term for group in frame.groups)]
        terms += [term for one in _measures(frame) for term in (one.term, one.over) if term]
        parts = [part for one in _measures(frame) for part in (one.part, one.whole) if part]
        parts += frame.periods or ()
        facts = [*frame.facts, *(fact for part in parts for fact in part.facts)]
        tables = [key[0] for term in terms for key in term.columns()]
        tables += [key[0] for fact in facts for key in keys_of(fact)]
        tables += [term.key[0] for term in (frame.rank_by, frame.top_per, frame.sort and frame.sort.term) if term]
        joins = self._tree(frame.base, tables)
        counts = bool(frame.measure) and all(one.aggregate is Aggregate.COUNT for one in _measures(frame))
        if multiplies(joins, self._catalog) and not (counts and frame.groups and not frame.facts):
            raise NotJoinable("a row would be counted more than once")
        qualified = bool(joins or frame.related or any(part.related for part in parts) or _looks_aside(terms, facts))
        return joins, qualified, self._from(exp.Select(), frame.base, joins)

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

    def _selected(
        self, frame: Frame, measures: Sequence[exp.Expr], qualified: bool, headings: Headings
    ) -> list[exp.Expr]:
        terms = [*(group.term for group in frame.groups), *frame.show]
        selected = [_aliased(self._term(term, qualified), headings.of_term(term)) for term in terms]
        if frame.hide_measure and terms:
            return selected
        named = zip(measures, _measures(frame), strict=True)
        return [*selected, *(_aliased(tree, headings.of_measure(one)) for tree, one in named)]

    def _measure(self, measure: Measure, frame: Frame, joins: Sequence[Join], qualified: bool) -> exp.Expr:
        if measure.part is not None:
            return self._share(measure, measure.part, frame, joins, qualified)
        if measure.term is not None:
            inner = self._term(measure.term, qualified)
            if measure.aggregate in (Aggregate.SUM, Aggregate.AVG) and not (measure.term.sign or measure.term.unit):
                inner = self._number(measure.term.key, inner)
            found = AGGREGATES[measure.aggregate](this=exp.Distinct(expressions=[inner]) if measure.distinct else inner)
            return (
                over(found, AGGREGATES[measure.aggregate](this=self._term(measure.over, qualified)))
                if (measure.over)
                else found
            )
        if not multiplies(joins, self._catalog):
            return exp.Count(this=exp.Star())
        identity = self._catalog.tables[frame.base].id_column
        if identity is None:
            raise NotJoinable(f"rows of {frame.base} cannot be told apart")
        return exp.Count(this=exp.Distinct(expressions=[self._column(identity.key, qualified)]))

    def _share(self, measure: Measure, part: Part, frame: Frame, joins: Sequence[Join], qualified: bool) -> exp.Expr:
        if multiplies(joins, self._catalog):
            raise NotJoinable("a row would be counted more than once")
        counted = self._counted_if(measure, part, frame.base, qualified)
        if measure.whole is not None:
            return over(counted, self._counted_if(measure, measure.whole, frame.base, qualified))
        return over(counted, exp.Count(this=exp.Star()), percent=measure.is_percent)

    def _counted_if(self, measure: Measure, part: Part, base: str, qualified: bool) -> exp.Sum:
        """The part's rows, or their amounts, as a sum over all rows."""
        one = self._term(measure.term, qualified) if measure.term else exp.Literal.number(1)
        case = exp.Case().when(self._met(part, base, qualified), one)
        return exp.Sum(this=case.else_(exp.Literal.number(0)))

    def _met(self, part: Part, base: str, qualified: bool) -> exp.Expr:
        met = [self._fact(fact, qualified) for fact in part.facts]
        return exp.and_(*met, *(self._related(related, base) for related in part.related))

    def _compared(
        self, query: exp.Select, frame: Frame, measure: exp.Expr, qualified: bool, headings: Headings
    ) -> exp.Select:
        """The measure in both periods side by side, with what changed."""
        terms = [group.term for group in frame.groups]
        shown = [_aliased(self._term(term, qualified), headings.of_term(term)) for term in terms]
        periods = [self._met(part, frame.base, qualified) for part in frame.periods or ()]
        query = query.where(exp.or_(*(one.copy() for one in periods)), copy=False)
        query = query.select(*shown, *(only_if(measure, met) for met in periods), copy=False)
        keys = [key for group in frame.groups for key in self._group_keys(group, qualified)]
        return changed(query.group_by(*keys, copy=False) if keys else query, [headings.inside(term) for term in terms])

    def _group_keys(self, group: Group, qualified: bool) -> list[exp.Expr]:
        if group.term.others and group.term.others.here:
            return [self._column(group.term.others.here, qualified)]
        identity = [self._column(group.identity, qualified)] if group.identity else []
        number = [self._term(_as_number(group.term), qualified)] if group.term.unit == "weekday" else []
        return [*identity, *number, self._term(group.term, qualified)]

    def _ranked(self, query: exp.Select, frame: Frame, measure: exp.Expr | None, qualified: bool) -> exp.Select:
        if frame.descending is not None:
            by = self._term(frame.rank_by, qualified) if frame.rank_by else measure
            if by is not None:
                query = query.order_by(_ordered(by, descending=frame.descending), copy=False)
        elif frame.sort:
            by = self._term(frame.sort.term, qualified) if frame.sort.term else measure
            query = (
                query.order_by(_ordered(by, descending=frame.sort.descending), copy=False) if by is not None else query
            )
        elif units := [group.term for group in frame.groups if self._is_in_order(group.term)]:
            keys = [self._term(_as_number(term) if term.unit == "weekday" else term, qualified) for term in units]
            query = query.order_by(*(exp.Ordered(this=key) for key in keys), copy=False)
        elif frame.groups and measure is not None and not frame.hide_measure:
            query = query.order_by(_ordered(measure, descending=True), copy=False)  # what people look for comes first
        return query.limit(frame.limit, copy=False) if frame.limit else query

    def _is_in_order(self, term: Term) -> bool:
        """Whether values have an order of their own that people expect: times do, names do not."""
        entry = self._catalog.columns[term.key]
        return bool(term.unit) or entry.kind is Kind.DATE or "year" in entry.words

    def _conditions(self, frame: Frame, qualified: bool) -> list[exp.Expr]:
        found = [self._fact(fact, qualified) for fact in frame.facts]
        return [*found, *(self._related(related, frame.base) for related in frame.related)]

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
        enough = COMPARE[_FEWER.get(operator, operator)](this=rows, expression=exp.Literal.number(related.number))
        known = exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null()))
        inner = (
            inner.select(key, copy=False)
            .where(known, copy=False)
            .group_by(key.copy(), copy=False)
            .having(enough, copy=False)
        )
        inside = exp.In(this=self._column((base, first.columns[0]), True), query=exp.Subquery(this=inner))
        return exp.Not(this=inside) if operator in _FEWER else inside


def _measures(frame: Frame) -> tuple[Measure, ...]:
    return (frame.measure, *frame.more) if frame.measure else ()


def _looks_aside(terms: Sequence[Term], facts: Sequence[object]) -> bool:
    """Whether some sub-select looks back at the row, which then needs its table's name."""
    values = [one for fact in facts for one in (getattr(fact, "term", None), getattr(fact, "value", None))]
    return any(isinstance(one, Term) and one.others for one in [*terms, *values])


def _as_number(term: Term) -> Term:
    return Term(term.key, term.unit, True)


def _ordered(by: exp.Expr, *, descending: bool) -> exp.Ordered:
    return exp.Ordered(this=by.copy(), desc=descending, nulls_first=False)


def _aliased(expression: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(expression, alias, copy=False) if alias else expression
