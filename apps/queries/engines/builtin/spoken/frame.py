"""What a question asks for, once understood: rows or a measure of one table, narrowed, grouped and ranked."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator


class Sign(StrEnum):
    """What is done with two columns of a row; `DAYS` is how many days the first lies after the second."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    OVER = "/"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Others:
    """Other rows of the same table: those whose `there` equals this row's `here`, or all where `here` is None.

    With an `aggregate` their mean or extreme, so many `times`, else the one row's own value ("their manager").
    """

    aggregate: Aggregate | None = None
    here: ColumnKey | None = None
    there: ColumnKey | None = None
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Term:
    """A column, or the calendar unit that its dates fall into; `as_number`: 12, not the month's first day.

    With a `sign` it is reckoned with the `other` column, with `others` it is read from other rows of its table.
    """

    key: ColumnKey
    unit: str | None = None
    as_number: bool = False
    sign: Sign | None = None
    other: ColumnKey | None = None
    others: Others | None = None

    def columns(self) -> tuple[ColumnKey, ...]:
        """The columns that it looks at."""
        return (self.key, self.other) if self.other else (self.key,)


Value = str | int | float | dt.date | Term | tuple[str | int | float, ...] | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition; `shift_days` is added to a column that is compared with. Rows for which `unless` holds need not meet
    it."""

    term: Term
    operator: Operator
    value: Value = None
    shift_days: int = 0
    unless: "Fact | None" = None


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another table that must exist (or must not): at least one, or as many as `operator` and `number` say."""

    table: str
    facts: tuple[Fact, ...] = ()
    negated: bool = False
    operator: Operator | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What the rows of the numerator meet beside what all rows meet."""

    facts: tuple[Fact, ...] = ()
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate of a term, or the number of rows where `term` is None.

    With a `part` it is that part's percentage of all rows, or with a `whole` too what the one's rows are over the
    other's; with `over` it is the sum of the one term over the sum of the other.
    """

    aggregate: Aggregate
    term: Term | None = None
    distinct: bool = False
    part: Part | None = None
    whole: Part | None = None
    over: Term | None = None
    is_percent: bool = True

    @property
    def column(self) -> ColumnKey | None:
        return self.term.key if self.term else None


@dataclass(frozen=True, slots=True)
class Group:
    """One row for each value of a term; `identity` keeps two rows of the same name apart."""

    term: Term
    identity: ColumnKey | None = None


class Window(StrEnum):
    """What is reckoned over the rows of a grouped answer."""

    SHARE = "share"
    RUNNING = "running"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Order:
    """Sorting by a term, or by the first measure where `term` is None."""

    term: Term | None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One reading of a question, without SQL. `rank` orders by the measure, or by a column where there is none.

    `more` are further measures of the same rows. With `top_per`, `limit` holds within each of its groups. `periods` are
    an earlier and a later one, in each of which the measure is taken.
    """

    base: str
    show: tuple[Term, ...] = ()
    measure: Measure | None = None
    more: tuple[Measure, ...] = ()
    facts: tuple[Fact, ...] = ()
    related: tuple[Related, ...] = ()
    groups: tuple[Group, ...] = ()
    having: tuple[Operator, int | float] | None = None
    rank_by: Term | None = None
    descending: bool | None = None
    limit: int | None = None
    hide_measure: bool = False
    average_per: ColumnKey | None = None
    window: Window | None = None
    top_per: Term | None = None
    sort: Order | None = None
    periods: tuple[Part, Part] | None = None
    distinct: bool = False
