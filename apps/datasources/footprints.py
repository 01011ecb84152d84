"""What SQL read, and what a policy kept back from it: decides later who may see what it brought. No Django here."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.datasources.access import Access, Mask, Restriction
from apps.datasources.guard import SafeSql

ROWS = "rows"


@dataclass(frozen=True)
class Footprint:
    """`reads` are columns by table; `limits`, by table, digests of the row filter and of the masks that held then."""

    reads: dict[str, list[str]] = field(default_factory=dict)
    limits: dict[str, list[str]] = field(default_factory=dict)

    def joined(self, other: "Footprint") -> "Footprint":
        """What both read; of a table that both read, only what was kept back both times."""
        reads = {table: sorted({*self.reads.get(table, ()), *other.reads.get(table, ())}) for table in
                 sorted({*self.reads, *other.reads})}  # fmt: skip
        limits = {}
        for table in reads:
            kept = [set(one.limits.get(table, ())) for one in (self, other) if table in one.reads]
            limits[table] = sorted(set.intersection(*kept))
        return Footprint(reads, limits)


def footprint(statements: Sequence[SafeSql], access: Access) -> Footprint:
    """What these statements read together under this access."""
    reads: dict[str, set[str]] = {}
    for safe_sql in statements:
        for table, columns in safe_sql.columns.items():
            reads.setdefault(table, set()).update(columns)
    limits = limits_of(access)
    return Footprint(
        {table: sorted(columns) for table, columns in sorted(reads.items())},
        {table: sorted(limits[table].values()) for table in sorted(reads) if table in limits},
    )


def limits_of(access: Access) -> dict[str, dict[str, str]]:
    """What is kept back of each restricted table: the digest of its row filter under `rows`, of masks under
    `column:name`."""
    found: dict[str, dict[str, str]] = {}
    for restriction in access.restrictions:
        limits = {f"column:{name}": _digest(name, _mask(mask)) for name, mask in restriction.masks}
        if restriction.limits_rows:
            limits[ROWS] = _digest(ROWS, *_filter(restriction, access))
        found[restriction.full_name] = limits
    return found


def _mask(mask: Mask) -> str:
    return repr((mask.kind.value, mask.text))


def _filter(restriction: Restriction, access: Access) -> tuple[str, ...]:
    """What the rows depend on: a filter with a sub-query also on how the tables in it are restricted."""
    own = repr((restriction.condition, restriction.values, restriction.shows_no_rows))
    return (own, repr(access.restrictions)) if "select" in restriction.condition.lower() else (own,)


def _digest(*parts: str) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
