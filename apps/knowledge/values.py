"""Which values stand in which columns: lets a question name "Germany" without naming the column.

No Django here; the stored form of an index is in `models.py`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rapidfuzz import fuzz, process

from .value_names import other_names

MAX_INDEXED_LENGTH = 80
MIN_FUZZY_LENGTH = 4
FUZZY_CUTOFF = 80.0
OTHER_NAME = 0.95
MAX_CONTAINING = 200  # a word of more values than this means none of them
_WORDS = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A stored value that a phrase may mean. `score` is 1 for the same words, less for a near spelling."""

    table: str
    column: str
    value: str
    score: float


class ValueIndex(Protocol):
    """Finds stored values by what a person typed."""

    def find(self, phrase: str, *, limit: int = 10, exact: bool = False) -> Sequence[ValueMatch]:
        """The stored values that `phrase` may mean, best first; with `exact` only the same words, without case, or
        another name of the same value ("American" for USA)."""
        ...


class MemoryValueIndex:
    """All given values in memory: the same words, then values that contain them, then near spellings.

    A value longer than `MAX_INDEXED_LENGTH` is prose, which nobody names in full, and is left out.
    """

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        self._places: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for table, column, value in entries:
            key = value_key(value)
            if key and len(value) <= MAX_INDEXED_LENGTH:
                self._places[key].append((table, column, value))
        self._keys_by_word: dict[str, list[str]] = defaultdict(list)
        self._keys_by_length: dict[int, list[str]] = defaultdict(list)
        for key in self._places:
            self._keys_by_length[len(key)].append(key)
            for word in set(key.split()):
                self._keys_by_word[word].append(key)

    def __len__(self) -> int:
        return len(self._places)

    def find(self, phrase: str, *, limit: int = 10, exact: bool = False) -> list[ValueMatch]:
        """The stored values that `phrase` may mean, best first, at most `limit`."""
        key = value_key(phrase)
        if not key:
            return []
        found = self._matches(self._same(key), phrase)
        if not found and not exact:
            found = self._matches(self._containing(key), phrase)
        if not found and not exact and len(key) >= MIN_FUZZY_LENGTH:
            found = self._matches(self._near(key, limit), phrase)
        return sorted(found, key=lambda match: (-match.score, match.table, match.column, match.value))[:limit]

    def _matches(self, keys: dict[str, float], phrase: str) -> list[ValueMatch]:
        """One match for each place of each key; another case than the stored one costs a little."""
        return [
            ValueMatch(table, column, value, score if value == phrase else score * 0.99)
            for key, score in keys.items()
            for table, column, value in self._places[key]
        ]

    def _same(self, key: str) -> dict[str, float]:
        """The key itself, or else other names of the same value."""
        if key in self._places:
            return {key: 1.0}
        return {other: OTHER_NAME for other in other_names(key) if other in self._places}

    def _containing(self, key: str) -> dict[str, float]:
        """Keys that contain all words of `key`, scored by the share of the value that was said."""
        words = key.split()
        rarest = min((self._keys_by_word.get(word, []) for word in words), key=len)
        if len(rarest) > MAX_CONTAINING:
            return {}
        padded = f" {key} "
        return {other: 0.9 * len(key) / len(other) for other in rarest if padded in f" {other} "}

    def _near(self, key: str, limit: int) -> dict[str, float]:
        """Keys of about the same length that differ by a few letters."""
        slack = max(1, len(key) // 5)
        near: dict[str, float] = {}
        for length in range(len(key) - slack, len(key) + slack + 1):
            hits = process.extract(
                key, self._keys_by_length.get(length, []), scorer=fuzz.ratio, score_cutoff=FUZZY_CUTOFF, limit=limit
            )
            near.update({other: 0.8 * score / 100 for other, score, _ in hits})
        return near


@lru_cache(maxsize=65_536)
def value_key(text: str) -> str:
    """Words of a value in lower case without accents: what two spellings of one value share."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(_WORDS.findall(text.lower()))
