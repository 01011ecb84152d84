"""What a reading computes, without any SQL dialect: which columns, of which rows, grouped and ordered how."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

ColumnKey = tuple[str, str]
"""(full name of the table, name of the column)"""


class Aggregate(StrEnum):
    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    BETWEEN = "between"
    WITHIN = "within"
    LIKE = "like"
    NOT_LIKE = "not like"
    IN = "in"
    NOT_IN = "not in"
    IS_NULL = "is null"
    NOT_NULL = "is not null"


class Combination(StrEnum):
    UNION = "union"
    INTERSECT = "intersect"
    EXCEPT = "except"


@dataclass(frozen=True, slots=True)
class Item:
    """A column, or an aggregate of it; a `column` of None is all of the row."""

    column: ColumnKey | None
    aggregate: Aggregate | None = None
    distinct: bool = False


COUNT_ROWS = Item(None, Aggregate.COUNT)
Scalar = str | int | float


@dataclass(frozen=True, slots=True)
class Condition:
    """`value` is a constant, two for BETWEEN and for WITHIN (which leaves the second out), another column's Item, a
    nested Plan, or None where the operator needs none."""

    item: Item
    operator: Operator
    value: "Scalar | tuple[Scalar, ...] | Item | Plan | None" = None


@dataclass(frozen=True, slots=True)
class Order:
    item: Item
    descending: bool = False


@dataclass(frozen=True)
class Plan:
    """`tables` are read even where no column of theirs is used; `any_of` joins the conditions by OR instead of AND."""

    select: tuple[Item, ...]
    tables: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    any_of: bool = False
    group: tuple[ColumnKey, ...] = ()
    having: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    distinct: bool = False
    combined: "tuple[Combination, Plan] | None" = None

    def columns(self) -> Iterator[ColumnKey]:
        """Columns used at this level, in the order of the clauses, repeats included."""
        yield from (item.column for item in self.select if item.column)
        yield from self.group
        for condition in (*self.where, *self.having):
            if condition.item.column:
                yield condition.item.column
            if isinstance(condition.value, Item) and condition.value.column:
                yield condition.value.column
        yield from (order.item.column for order in self.order if order.item.column)

    def all_tables(self) -> tuple[str, ...]:
        """Tables read at this level, first needed first."""
        return self._tables_here

    @cached_property
    def _tables_here(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*(table for table, _ in self.columns()), *self.tables]))

    @cached_property
    def levels(self) -> "tuple[Plan, ...]":
        """The plan and every plan inside it."""
        inside = [one.value for one in (*self.where, *self.having) if isinstance(one.value, Plan)]
        if self.combined:
            inside.append(self.combined[1])
        return (self, *(level for plan in inside for level in plan.levels))

    @cached_property
    def columns_anywhere(self) -> frozenset[ColumnKey]:
        """Columns used at any level."""
        return frozenset(key for level in self.levels for key in level.columns())

    @cached_property
    def tables_anywhere(self) -> frozenset[str]:
        """Tables read at any level."""
        return frozenset(table for level in self.levels for table in level.all_tables())

    def with_changes(self, **changes: object) -> "Plan":
        return replace(self, **changes)  # type: ignore[arg-type]
