"""What the names of one schema say in words: units, layers of a warehouse and a prefix that all share say nothing."""

import re
from collections import Counter
from collections.abc import Iterator
from sys import intern

from apps.datasources.schema import Schema

from .names import glued_parts, split_name, word_set

_UNITS = word_set(
    """
    in of the by and for to a at on usd dollar euro km mile kg lb cm mm m ft foot inch meter metre million
    billion thousand tbl table reference lookup yn flag ph line 1 2 3
    """
)
_TABLE_FILLERS = word_set("in of the by and for to a at on tbl table reference lookup 1 2 3")
_LAYERS = word_set("tbl dim fct fact stg staging vw view mv raw ods dwh dw lkp rpt src tmp bak mst mstr master")
_PIECE = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_SHARED_BY, _FEWEST_SHARING = 0.8, 5


class Naming:
    """Splits the names of one schema; each name once."""

    def __init__(self, schema: Schema) -> None:
        self.vocabulary = _vocabulary(schema)
        self._shared = _shared_prefix(schema)
        self._tables: dict[str, tuple[str, ...]] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._sets: dict[tuple[str, ...], tuple[str, ...]] = {}

    def table_words(self, name: str) -> tuple[str, ...]:
        """The words of a table's name; never none."""
        known = self._tables.get(name)
        if known is None:
            known = self._tables[name] = self._spoken(_without_prefixes(name, self._shared), name, _TABLE_FILLERS)
        return known

    def column_words(self, name: str) -> tuple[str, ...]:
        """The words of a column's name; never none."""
        known = self._columns.get(name)
        if known is None:
            known = self._columns[name] = self._spoken(name, name, _UNITS)
        return known

    def words(self) -> Iterator[str]:
        """Every word of every name that was split so far."""
        return (word for words in self._sets for word in words)

    def _spoken(self, name: str, whole: str, fillers: frozenset[str]) -> tuple[str, ...]:
        words = split_name(name, self.vocabulary)
        spoken = tuple(intern(word) for word in words if word not in fillers) or words or (whole.lower(),)
        return self._sets.setdefault(spoken, spoken)


def _without_prefixes(name: str, shared: str) -> str:
    """The name without the layer that it is kept in ("dim_customer"), and without what every table begins with."""
    for prefix in (shared, None):
        first, rest = _first_piece(name)
        if rest and (first == prefix if prefix else first in _LAYERS):
            name = rest
    return name


def _first_piece(name: str) -> tuple[str, str]:
    parts = _PIECE.split(name, maxsplit=1)
    return parts[0].lower(), parts[1] if len(parts) > 1 else ""


def _shared_prefix(schema: Schema) -> str:
    """The first piece of nearly all names of tables, or nothing."""
    firsts = Counter(first for table in schema for first, rest in [_first_piece(table.name)] if rest)
    first, count = max(firsts.items(), key=lambda one: one[1], default=("", 0))
    return first if count >= max(_FEWEST_SHARING, _SHARED_BY * len(schema.tables)) else ""


def _vocabulary(schema: Schema) -> frozenset[str]:
    """Words that stand alone in some name of the schema: glued names may be made of them."""
    words: set[str] = set()
    for name in {name for table in schema for name in (table.name, *(column.name for column in table.columns))}:
        parts = _PIECE.split(name)
        if len(parts) > 1:
            words.update(part.lower() for part in parts if len(part) > 2)
    whole = {table.name.lower() for table in schema if len(table.name) > 2 and table.name.isalnum()}
    return frozenset(words | {name for name in whole if not glued_parts(name, words)})
