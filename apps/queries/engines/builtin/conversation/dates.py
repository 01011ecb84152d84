"""Times in the SQL of an earlier answer: found, exchanged for another period, moved a year back."""

import re
from collections.abc import Sequence

from sqlglot import exp

from apps.queries.engines.builtin.spoken.periods import Period

_DAY = re.compile(r"(?P<year>\d{4})(?P<rest>-\d{2}-\d{2}(?:[ T].*)?)")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_BOUNDS = (exp.GTE, exp.LT, exp.GT, exp.LTE)


def a_year_before(select: exp.Select) -> exp.Select | None:
    """The same query a year earlier: every day in it, or its only year; None where it names no time."""
    moved = select.copy()
    days = [one for one in moved.find_all(exp.Literal) if one.is_string and _DAY.fullmatch(one.name)]
    for literal in days:
        found = _DAY.fullmatch(literal.name)
        if found and found["rest"] != "-02-29":
            literal.replace(exp.Literal.string(f"{int(found['year']) - 1}{found['rest']}"))
    if days:
        return moved
    years = year_literals(moved)
    for literal in years:
        literal.replace(_like(literal, str(int(literal.name.rstrip("%")) - 1)))
    return moved if years else None


def year_literals(select: exp.Expr) -> list[exp.Literal]:
    """Literals that are compared with and look like a year ("2014", '2014', '2014%'), limits left out."""
    return [
        literal
        for literal in select.find_all(exp.Literal)
        if _YEAR.fullmatch(literal.name.rstrip("%")) and isinstance(literal.parent, exp.Binary | exp.Between | exp.Like)
        and literal.parent.find(exp.Column) is not None
    ]  # fmt: skip


def _like(old: exp.Literal, year: str) -> exp.Expr:
    text = f"{year}%" if old.name.endswith("%") else year
    return exp.Literal.string(text) if old.is_string else exp.Literal.number(text)


def with_period(select: exp.Select, period: Period) -> exp.Select | None:
    """The query with its only period exchanged for another; None where it has none, or several."""
    changed = select.copy()
    years = year_literals(changed)
    if period.low and period.high and (period.high - period.low).days in (365, 366) and len(years) == 1:
        years[0].replace(_like(years[0], str(period.low.year)))
        return changed
    bounds = _bounds(changed)
    columns = {bound.this.sql() for bound in bounds}
    if len(columns) != 1 or len(bounds) > 2:
        return None
    column = bounds[0].this.copy()
    wanted: list[exp.Expr] = []
    if period.low:
        wanted.append(exp.GTE(this=column.copy(), expression=_written(bounds[0].expression, period.low.isoformat())))
    if period.high:
        wanted.append(exp.LT(this=column.copy(), expression=_written(bounds[0].expression, period.high.isoformat())))
    bounds[0].replace(exp.and_(*wanted))
    for bound in bounds[1:]:
        _drop(bound)
    return changed


def _bounds(select: exp.Select) -> list[exp.Binary]:
    """Comparisons of a column with a day."""
    return [one for one in select.find_all(*_BOUNDS) if _day_in(one.expression) and isinstance(one.this, exp.Column)]


def _day_in(value: exp.Expr) -> exp.Literal | None:
    literal = value if isinstance(value, exp.Literal) else value.find(exp.Literal)
    return literal if isinstance(literal, exp.Literal) and _DAY.fullmatch(literal.name) else None


def _written(like: exp.Expr, day: str) -> exp.Expr:
    """A day written as that one was: plain, or cast to a type."""
    written = like.copy()
    if isinstance(written, exp.Literal):
        return exp.Literal.string(day)
    for literal in written.find_all(exp.Literal):
        literal.replace(exp.Literal.string(day))
    return written


def _drop(condition: exp.Expr) -> None:
    """Take a condition out of the conjunction that it stands in."""
    parent = condition.parent
    if isinstance(parent, exp.And):
        other = parent.right if parent.left is condition else parent.left
        parent.replace(other.copy())
    elif parent is not None:
        condition.replace(exp.true())


def time_columns(select: exp.Select) -> Sequence[exp.Column]:
    """Columns that are held against a day."""
    return [bound.this for bound in _bounds(select) if isinstance(bound.this, exp.Column)]
