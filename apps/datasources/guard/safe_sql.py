"""`SafeSql`: text that the guard released. The type is the lock: `execute` takes nothing else."""

from dataclasses import dataclass, field

_GUARD = object()


@dataclass(frozen=True, slots=True)
class SafeSql:
    """One checked statement. Only the guard can build it.

    `text` is regenerated from the checked tree; `tables` are the full names it reads; no more than `row_limit` rows
    come out of it; `capped` says that this limit is the guard's own, so that as many rows mean a result cut short.
    """

    text: str
    dialect: str
    tables: frozenset[str]
    row_limit: int
    capped: bool
    _seal: object = field(repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self._seal is not _GUARD:
            raise TypeError("Only the guard builds a SafeSql; call check_sql.")

    def __reduce__(self) -> str:
        raise TypeError("A SafeSql cannot be pickled or copied; check the SQL again where it is run.")


def release(text: str, *, dialect: str, tables: frozenset[str], row_limit: int, capped: bool) -> SafeSql:
    """Seal a checked text. For the guard's own modules only."""
    return SafeSql(text, dialect, tables, row_limit, capped, _GUARD)
