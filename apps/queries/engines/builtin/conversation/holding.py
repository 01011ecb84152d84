"""Whose the last answer's extreme is: "which course has it?" after a highest price, every row that reaches it."""

import re

from sqlglot import exp

from apps.queries.engines.builtin.ambiguity.rows import called
from apps.queries.engines.builtin.analysis import Analysis

from .sources import Sources, Subject, subject_of
from .standing import Standing, limit_of

SURE_TABLE = 0.9
_HOLDING = re.compile(
    r"(?:(?:and|so|ok|now|but) )*(?:which|what|who|whose)(?P<noun>(?: \w+){0,3}?) "
    r"(?:has|have|had|is|was|are|were|holds?|got|reached|reaches|costs?|weighs?|owns?)(?: the)?"
    r" (?:it|that|this)(?: (?:one|much|value|number|maximum|minimum|highest|lowest|record))?"
)


def holders(said: str, analysis: Analysis, last: Standing) -> exp.Select | None:
    """The rows that have the one value answered; None where no extreme was, or the noun is of other rows."""
    found, catalog = _HOLDING.fullmatch(said), analysis.catalog
    subject = subject_of(last.tree, catalog)
    if found is None or subject is None or not _is_of(found["noun"].split(), analysis, subject):
        return None
    shown = _only_shown(last.tree)
    sources = Sources(last.tree, catalog)
    names = called(catalog, subject.table)
    if shown is None or not names or last.tree.args.get("group"):
        return None
    if isinstance(shown, exp.Max | exp.Min) and isinstance(shown.this, exp.Column):
        return _with_the_value(last.tree, shown.this, [sources.column(key) for key in names])
    if _is_first_of_order(last.tree, shown):
        listed = last.tree.copy()
        listed.set("expressions", [sources.column(key) for key in names])
        return listed
    return None


def _only_shown(select: exp.Select) -> exp.Expr | None:
    return select.expressions[0].unalias() if len(select.expressions) == 1 else None


def _with_the_value(select: exp.Select, column: exp.Column, names: list[exp.Column]) -> exp.Select:
    listed = select.copy()
    listed.set("expressions", list(names))
    return listed.where(exp.EQ(this=column.copy(), expression=select.copy().subquery()))


def _is_first_of_order(select: exp.Select, shown: exp.Expr) -> bool:
    """Whether the answer is one value, the first of its own order."""
    order = select.args.get("order")
    keys = [one.this for one in order.expressions] if order is not None else []
    return limit_of(select) == 1 and isinstance(shown, exp.Column) and keys[:1] == [shown]


def _is_of(noun: list[str], analysis: Analysis, subject: Subject) -> bool:
    """Whether a noun calls the answer's own rows; "who" and "which one" need none."""
    if not noun or noun in (["one"], ["ones"]):
        return True
    places = [place for place, token in enumerate(analysis.tokens) if token.text.lower() in noun]
    covered = {
        place
        for link in analysis.links
        if link.column is None and link.table == subject.table and link.quality >= SURE_TABLE
        for place in range(link.start, link.end)
    }
    return covered.issuperset(places)
