"""Which open databases we develop on and which we only measure on, fixed once by a seed."""

import hashlib
from collections.abc import Iterable

SEED = "parley-2026"
MEASURED_SHARE = 0.3


def is_measure_only(db_id: str) -> bool:
    """Whether rules are never tuned and weights never trained on questions about this database."""
    digest = hashlib.sha256(f"{SEED}:{db_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < MEASURED_SHARE * 2**32


def split(db_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """The development part and the measure-only part, sorted."""
    names = sorted(set(db_ids))
    return [name for name in names if not is_measure_only(name)], [name for name in names if is_measure_only(name)]
