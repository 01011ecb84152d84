"""What a question asks for, once understood: rows or a measure of one table, narrowed, grouped and ranked."""

import datetime as dt
from dataclasses import dataclass

from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator


@dataclass(frozen=True, slots=True)
class Term:
    """A column, or the calendar unit that its dates fall into; `as_number`: 12, not the month's first day."""

    key: ColumnKey
    unit: str | None = None
    as_number: bool = False


Value = str | int | float | dt.date | Term | tuple[str | int | float, ...] | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition; `shift_days` is added to a column that is compared with."""

    term: Term
    operator: Operator
    value: Value = None
    shift_days: int = 0


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another table that must exist (or must not): at least one, or as many as `operator` and `number` say."""

    table: str
    facts: tuple[Fact, ...] = ()
    negated: bool = False
    operator: Operator | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate of a column, or the number of rows where `column` is None."""

    aggregate: Aggregate
    column: ColumnKey | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One row for each value of a term; `identity` keeps two rows of the same name apart."""

    term: Term
    identity: ColumnKey | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One reading of a question, without SQL. `rank` orders by the measure, or by a column where there is none."""

    base: str
    show: tuple[Term, ...] = ()
    measure: Measure | None = None
    facts: tuple[Fact, ...] = ()
    related: tuple[Related, ...] = ()
    groups: tuple[Group, ...] = ()
    having: tuple[Operator, int | float] | None = None
    rank_by: Term | None = None
    descending: bool | None = None
    limit: int | None = None
    hide_measure: bool = False
    average_per: ColumnKey | None = None
