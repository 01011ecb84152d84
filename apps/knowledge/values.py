"""Which values stand in which columns: lets a question name "Germany" without naming the column.

No Django here; the stored form of an index is in `models.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A stored value that a phrase may mean. `score` is 1 for the same words, less for a near spelling."""

    table: str
    column: str
    value: str
    score: float


class ValueIndex(Protocol):
    """Finds stored values by what a person typed."""

    def find(self, phrase: str, *, limit: int = 10) -> Sequence[ValueMatch]:
        """The stored values that `phrase` may mean, best first."""
        ...
