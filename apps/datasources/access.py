"""What one person may read of one data source, as plain values for the guard. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from apps.datasources.schema import Schema, Table

# A value of a person's membership that a row filter may name; a tuple stands in `IN (:name)` only.
Value = str | int | bool | tuple[str | int | bool, ...]


class MaskKind(StrEnum):
    """The closed list of what may be shown instead of a column's value."""

    NULL = "null"
    FIXED = "fixed"
    LAST_FOUR = "last4"
    HASH = "hash"


@dataclass(frozen=True, slots=True)
class Mask:
    """What is shown instead of a value. `text` is what `fixed` shows, and what `hash` mixes in so that nobody can try
    values out."""

    kind: MaskKind
    text: str = ""


@dataclass(frozen=True)
class Restriction:
    """How one visible table is read: these columns, some masked, and the rows that `condition` lets through.

    `condition` is SQL of the source's dialect in which `:name` stands for one of `values`; `shows_no_rows` says that a
    value is missing, so that no row may be seen.
    """

    table: str
    namespace: str | None
    columns: tuple[str, ...]
    masks: tuple[tuple[str, Mask], ...] = ()
    condition: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    shows_no_rows: bool = False

    @property
    def limits_rows(self) -> bool:
        return bool(self.condition) or self.shows_no_rows

    @property
    def full_name(self) -> str:
        return f"{self.namespace}.{self.table}" if self.namespace else self.table


@dataclass(frozen=True)
class Access:
    """`schema` holds only what this person may see: what is not in it does not exist for them.

    `functions` are names that an administrator allowed for this source beside the dialect's own list,
    in lower case, with their schema where they have one ("sales.net_price"). `restrictions` say of visible tables that
    not all of them may be read; `policy` is a digest of the policy and of the values it took from the membership, empty
    where the person has none.
    """

    schema: Schema
    functions: frozenset[str] = frozenset()
    restrictions: tuple[Restriction, ...] = ()
    policy: str = ""
    # What the guard works out from the restrictions, kept as long as they are.
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _by_table(self) -> Mapping[str, Restriction]:
        return {one.full_name: one for one in self.restrictions}

    def restriction(self, table: Table) -> Restriction | None:
        """How this visible table is restricted; None where all of it may be read."""
        return self._by_table.get(table.full_name)

    def columns_shown_whole(self) -> frozenset[tuple[str, str]]:
        """Table and column of every column that is seen as it is, in all rows."""
        masked = {(one.full_name, name) for one in self.restrictions for name, _ in one.masks}
        filtered = {one.full_name for one in self.restrictions if one.limits_rows}
        return frozenset(
            (table.full_name, column.name)
            for table in self.schema
            if table.full_name not in filtered
            for column in table.columns
            if (table.full_name, column.name) not in masked
        )

    @property
    def is_unrestricted(self) -> bool:
        return not self.policy and not self.restrictions
