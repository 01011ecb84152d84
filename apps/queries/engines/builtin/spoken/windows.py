"""What is reckoned over the rows of an answer: shares of the whole, running totals, growth, the best of each group."""

from sqlglot import exp

from .expressions import over
from .frame import Frame, Window
from .headings import Headings

_INNER, _PLACE, _BEFORE = "answered", "place", "before"


def windowed(query: exp.Select, frame: Frame, headings: Headings) -> exp.Select:
    """The grouped answer with one more column, or cut down to the best of each group."""
    if frame.top_per:
        return _top(query, frame, headings)
    name = query.expressions[-1].alias_or_name
    units = [headings.inside(group.term) for group in frame.groups if group.term.unit]
    kept = [exp.column(one.alias_or_name) for one in query.expressions]
    outer = _around(query).select(*kept, copy=False)
    by = units[0] if units else kept[0].name
    if frame.window is Window.SHARE:
        whole = exp.Window(this=exp.Sum(this=exp.column(name)))
        found = exp.alias_(over(exp.column(name), whole, percent=True), "percent")
    elif frame.window is Window.RUNNING:
        found = exp.alias_(_window(exp.Sum(this=exp.column(name)), by), "running_total")
    else:
        before = _window(exp.Lag(this=exp.column(name)), by)
        grown = over(exp.paren(exp.Sub(this=exp.column(name), expression=before)), before.copy(), percent=True)
        found = exp.alias_(grown, "growth_percent")
    outer = outer.select(found, copy=False)
    return outer.order_by(exp.Ordered(this=exp.column(by)), copy=False) if units else outer


def _top(query: exp.Select, frame: Frame, headings: Headings) -> exp.Select:
    """The rows whose place within their group is not beyond the limit."""
    group = headings.inside(frame.top_per) if frame.top_per else ""
    names = [one.alias_or_name for one in query.expressions]
    by = headings.inside(frame.rank_by) if frame.rank_by else names[-1]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.column(group)],
        order=exp.Order(expressions=[_sorted(by, descending=bool(frame.descending))]),
    )
    numbered = _around(query).select(*map(exp.column, names), exp.alias_(place, _PLACE), copy=False)
    best = exp.LTE(this=exp.column(_PLACE), expression=exp.Literal.number(frame.limit or 1))
    outer = exp.Select().select(*map(exp.column, names), copy=False)
    outer = outer.from_(_derived(numbered, "numbered"), copy=False).where(best, copy=False)
    return outer.order_by(exp.Ordered(this=exp.column(group)), exp.Ordered(this=exp.column(_PLACE)), copy=False)


def only_if(measure: exp.Expr, met: exp.Expr) -> exp.Expr:
    """An aggregate of the rows that meet a condition."""
    is_distinct = isinstance(measure.this, exp.Distinct)
    inner = measure.this.expressions[0] if is_distinct else measure.this
    one: exp.Expr = exp.Literal.number(1) if isinstance(inner, exp.Star) else inner.copy()
    case: exp.Expr = exp.Case().when(met.copy(), one)
    return type(measure)(this=exp.Distinct(expressions=[case]) if is_distinct else case)


def changed(query: exp.Select, groups: list[str]) -> exp.Select:
    """Two measures side by side, with the difference and by how many percent the later one is larger."""
    for select, name in zip(query.expressions[-2:], ("before", "after"), strict=True):
        select.replace(exp.alias_(select.copy(), f"{name}_value"))
    before, after = exp.column("before_value"), exp.column("after_value")
    change = exp.Sub(this=after.copy(), expression=before.copy())
    return _around(query).select(
        *map(exp.column, groups),
        before,
        after,
        exp.alias_(change, "change"),
        exp.alias_(over(exp.paren(change.copy()), before.copy(), percent=True), "change_percent"),
        copy=False,
    )


def averaged(query: exp.Select, key: exp.Column) -> exp.Select:
    """The mean over rows of another table of how many rows belong to each."""
    inner = query.select(exp.alias_(exp.Count(this=exp.Star()), "how_many"), copy=False).group_by(key, copy=False)
    mean = exp.alias_(exp.Avg(this=exp.column("how_many")), "average_count")
    return exp.Select().select(mean, copy=False).from_(_derived(inner, "counted"), copy=False)


def in_the_middle(query: exp.Select) -> exp.Select:
    """The mean of the one or two values in the middle of a query's only column."""
    name = query.expressions[0].alias_or_name
    known = exp.Not(this=exp.Is(this=exp.column(name), expression=exp.Null()))
    place = exp.alias_(_window(exp.RowNumber(), name), _PLACE)
    total = exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "how_many")
    numbered = _around(query).select(exp.column(name), place, total, copy=False).where(known, copy=False)
    middle = exp.Between(
        this=exp.Mul(this=exp.column(_PLACE), expression=exp.Literal.number(2)),
        low=exp.column("how_many"),
        high=exp.Add(this=exp.column("how_many"), expression=exp.Literal.number(2)),
    )
    mean = exp.alias_(exp.Avg(this=exp.column(name)), f"median_{name}")
    return exp.Select().select(mean, copy=False).from_(_derived(numbered, "numbered"), copy=False).where(middle)


def _window(function: exp.Expr, by: str) -> exp.Window:
    return exp.Window(this=function, order=exp.Order(expressions=[exp.Ordered(this=exp.column(by))]))


def _sorted(name: str, *, descending: bool) -> exp.Ordered:
    return exp.Ordered(this=exp.column(name), desc=descending, nulls_first=False)


def _around(query: exp.Select) -> exp.Select:
    return exp.Select().from_(_derived(query, _INNER), copy=False)


def _derived(query: exp.Select, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
