"""Whose the last answer's extreme is: "which course has it?" after a highest price, every row that reaches it."""

import re

from sqlglot import exp

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.ambiguity.rows import called, listed
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.sql import SqlWriter

from .joining import among
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
    if found is None or subject is None:
        return None
    table = _table_said(found["noun"].split(), analysis, subject)
    rows = _rows(last.tree, subject, catalog)
    if rows is None or table is None or table == subject.table:
        return rows if table else None
    return _of_another(table, rows, subject, catalog)


def _rows(select: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """The rows with the value, by what they are called; None where the answer was no extreme."""
    shown = select.expressions[0].unalias() if len(select.expressions) == 1 else None
    names = [Sources(select, catalog).column(key) for key in called(catalog, subject.table)]
    if shown is None or not names or select.args.get("group"):
        return None
    rows = select.copy()
    rows.set("expressions", names)
    if isinstance(shown, exp.Max | exp.Min) and isinstance(shown.this, exp.Column):
        return rows.where(exp.EQ(this=shown.this.copy(), expression=select.copy().subquery()))
    return rows if _is_first_of_order(select, shown) else None


def _of_another(table: str, rows: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """Rows of the table that those with the value refer to by one key."""
    joins = catalog.joins.joins_between(subject.table, table)
    names = called(catalog, table)
    if len(joins) != 1 or not names:
        return None
    asked = SqlWriter(catalog).write(listed(names, (table, subject.table), ()))
    return among(asked, rows, subject, catalog) if isinstance(asked, exp.Select) else None


def _is_first_of_order(select: exp.Select, shown: exp.Expr) -> bool:
    """Whether the answer is one value, the first of its own order."""
    order = select.args.get("order")
    keys = [one.this for one in order.expressions] if order is not None else []
    return limit_of(select) == 1 and isinstance(shown, exp.Column) and keys[:1] == [shown]


def _table_said(noun: list[str], analysis: Analysis, subject: Subject) -> str | None:
    """The table whose rows the noun calls so; "who" and "which one" mean those of the answer."""
    if not noun or noun in (["one"], ["ones"]):
        return subject.table
    places = {place for place, token in enumerate(analysis.tokens) if token.text.lower() in noun}
    tables = {
        link.table for link in analysis.links
        if link.column is None and link.quality >= SURE_TABLE and places <= set(range(link.start, link.end))
    }  # fmt: skip
    if subject.table in tables:
        return subject.table
    return tables.pop() if len(tables) == 1 else None
