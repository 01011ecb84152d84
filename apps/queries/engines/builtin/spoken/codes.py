"""What coded values and missing values mean, as comments of columns say it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.knowledge.names import lemma

_PAIR = re.compile(r"(?:^|[\s,;:(])['\"]?([A-Za-z0-9_]{1,8})['\"]?\s*(?:=|:|means)\s*([^,;:=()]+?)(?=[,;.)]|$)")
_NULL = re.compile(r"NULL\s*(?:means|for|while|where|when|until|if|:|=)?\s*([^;.]+)", re.IGNORECASE)
_WORD = re.compile(r"[\w'-]+")


@dataclass(frozen=True, slots=True)
class Code:
    """A stored value and the words that the comment gives it."""

    column: tuple[str, str]
    value: str | int
    label: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(_WORD.findall(self.label.lower()))


def codes_of(entry: ColumnEntry) -> tuple[Code, ...]:
    """The codes that a comment such as "P = pending, S = shipped" declares; a single pair declares nothing."""
    pairs = _pairs(entry.column.comment)
    if len(pairs) < 2 or entry.kind not in (Kind.TEXT, Kind.NUMBER):
        return ()
    numeric = entry.kind is Kind.NUMBER
    if numeric and not all(value.isascii() and value.isdigit() for value, _ in pairs):
        return ()
    return tuple(Code(entry.key, int(value) if numeric else value, label) for value, label in pairs)


@lru_cache(maxsize=4096)
def _pairs(comment: str) -> tuple[tuple[str, str], ...]:
    if "=" not in comment and " means " not in comment:
        return ()
    return tuple((value, label.strip()) for value, label in _PAIR.findall(comment))


def null_words(entry: ColumnEntry) -> frozenset[str]:
    """Lemmas that tell what a missing value means ("NULL while not shipped")."""
    if not entry.column.nullable:
        return frozenset()
    found = _NULL.search(entry.column.comment)
    return frozenset(lemma(word.lower()) for word in _WORD.findall(found.group(1))) if found else frozenset()


@lru_cache(maxsize=128)
def all_codes(catalog: Catalog) -> tuple[Code, ...]:
    """Every declared code of a schema, longest labels first."""
    codes = [code for entry in catalog.columns.values() for code in codes_of(entry)]
    return tuple(sorted(codes, key=lambda code: -len(code.words)))


def opposite_codes(catalog: Catalog, word: str) -> list[Code]:
    """The codes whose label a word denies: of "unpaid" those that mean "paid"."""
    denied = word[2:] if word.startswith("un") and len(word) > len("un") + 2 else ""
    return [code for code in all_codes(catalog) if code.words == (denied,)] if denied else []
