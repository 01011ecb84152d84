"""`SafeSql`: text that the guard released. The type is the lock: `execute` takes nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_GUARD = object()


@dataclass(frozen=True, slots=True)
class SafeSql:
    """One checked statement. Only the guard can build it.

    `text` is regenerated from the checked tree and has the person's policy written into it; `plain` is the same without
    the policy: what may be shown, kept and checked again. `tables` are the full names it reads, `columns` what it may
    take from each of them; no more than `row_limit` rows come out of it; `capped` says that this limit is the guard's
    own, so that as many rows mean a result cut short.
    """

    text: str
    dialect: str
    tables: frozenset[str]
    row_limit: int
    capped: bool
    plain: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    _seal: object = field(repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self._seal is not _GUARD:
            raise TypeError("Only the guard builds a SafeSql; call check_sql.")

    def __reduce__(self) -> str:
        raise TypeError("A SafeSql cannot be pickled or copied; check the SQL again where it is run.")


def release(
    text: str,
    *,
    dialect: str,
    tables: frozenset[str],
    row_limit: int,
    capped: bool,
    plain: str | None = None,
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> SafeSql:
    """Seal a checked text. For the guard's own modules only. Without `plain` no policy changed the text."""
    return SafeSql(text, dialect, tables, row_limit, capped, text if plain is None else plain, columns or {}, _GUARD)
