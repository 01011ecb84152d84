"""Rows that another row of the same table points at: an employee's manager."""

from dataclasses import dataclass

from sqlglot import exp

from apps.queries.engines.builtin.plan import ColumnKey

from .frame import Frame, Term
from .writer import FrameWriter


@dataclass(frozen=True, slots=True)
class Holder:
    """The row whose `target` equals the `pointer` of the row that is called `stored`."""

    pointer: ColumnKey
    target: ColumnKey
    name: ColumnKey
    stored: str


def holder_tree(holder: Holder, frame: Frame, writer: FrameWriter) -> exp.Select:
    """The frame's rows, limited to what the named row points at."""
    inner = writer.frame(Frame(frame.base, show=(Term(holder.pointer),)))
    named = exp.EQ(this=writer.plain(holder.name), expression=exp.Literal.string(holder.stored))
    inner = inner.where(named, copy=False)
    inside = exp.In(this=writer.plain(holder.target), query=exp.Subquery(this=inner))
    return writer.frame(frame).where(inside, copy=False)
