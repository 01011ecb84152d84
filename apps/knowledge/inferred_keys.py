"""Which columns refer to which where no key says so: by names and types, and by shared values where these are known."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from apps.datasources.schema import Column, Schema, Table

from .names import lemma, split_name, word_set

# How sure each kind of evidence makes us.
OWN_NAME, WHOLE_NAME, END_OF_NAME, TABLE_ALONE, SHARED = 0.9, 0.85, 0.7, 0.55, 0.4
MOST_OWNERS = 4  # a name that more tables own says nothing about which is meant
MOST_SHARING = 5  # a column name of more tables without an owner is an attribute, not a key
_KEY_WORDS = ("id", "code", "key", "number", "ssn", "isbn")
_GENERIC = word_set("id code key name no number type date status value count guid uuid pk")


@dataclass(frozen=True, slots=True)
class InferredKey:
    """`column` of `table` seems to refer to `target_column` of `target`; tables by full name."""

    table: str
    column: str
    target: str
    target_column: str
    score: float


@dataclass(frozen=True, slots=True)
class _Side:
    """A column that may be one end of a join; `words` of its name, `is_first` in its table."""

    table: Table
    column: Column
    words: tuple[str, ...]
    is_first: bool

    @property
    def flat(self) -> str:
        return _flat(self.column.name)


def inferred_keys(schema: Schema) -> list[InferredKey]:
    """The best reference of each column to each other table, best first for each pair of tables."""
    sides = [
        _Side(table, column, split_name(column.name), position == 0)
        for table in schema
        for position, column in enumerate(table.columns)
    ]
    found: dict[tuple[str, str, str], InferredKey] = {}
    for one, other, score in (*_to_owners(sides), *_to_tables(sides), *_shared(sides)):
        if one.table is other.table or not _comparable(one.column, other.column, schema.dialect):
            continue
        key = InferredKey(one.table.full_name, one.column.name, other.table.full_name, other.column.name, score)
        place = (key.table, key.column, key.target)
        mirrored = found.get((key.target, key.target_column, key.table))
        if (place not in found or found[place].score < score) and (mirrored is None or mirrored.score < score):
            found[place] = key
    return sorted(found.values(), key=lambda key: (key.table, key.target, -key.score, key.column))


def _to_owners(sides: Sequence[_Side]) -> Iterator[tuple[_Side, _Side, float]]:
    """Columns named like the key of a table ("customer_id"), or ending so ("billing_customer_id")."""
    by_flat, by_words = _owners(sides)
    for side in sides:
        if side.flat not in _GENERIC:
            for owner in _few(by_flat.get(side.flat, ())):
                yield side, owner, OWN_NAME
        for start in range(len(side.words)):
            for owner in _few(by_words.get(side.words[start:], ())):
                if side.column.name != owner.column.name or side.flat not in _GENERIC:
                    yield side, owner, END_OF_NAME if start else WHOLE_NAME


def _owners(sides: Sequence[_Side]) -> tuple[dict[str, list[_Side]], dict[tuple[str, ...], list[_Side]]]:
    """Columns that identify the rows of their table: by their name, and by the words that others call them by."""
    by_flat: dict[str, list[_Side]] = defaultdict(list)
    by_words: dict[tuple[str, ...], list[_Side]] = defaultdict(list)
    for side in sides:
        if not _owns(side):
            continue
        table_words = _table_words(side.table.name)
        if side.flat in _GENERIC:
            by_words[(*table_words, *side.words)].append(side)
            by_flat[f"{_flat(side.table.name)}{side.flat}"].append(side)
        else:
            by_flat[side.flat].append(side)
            if len(side.words) > 1:
                by_words[side.words].append(side)
            elif len(side.flat) > 2:
                by_words[(side.flat,)].append(side)
    return by_flat, by_words


def _owns(side: _Side) -> bool:
    """Whether a column seems to identify the rows of its table."""
    table, name = side.table, side.column.name
    if (name,) in (table.primary_key, *table.unique_keys):
        return True
    if table.primary_key or not side.words:
        return False
    words, own = side.words, _table_words(table.name)
    is_key = words[-1] in _KEY_WORDS
    return (
        (is_key and words[:-1] == own)
        or (words[-1] == "name" and words[:-1] == own)
        or (side.is_first and is_key and side.flat in _GENERIC)
        or (is_key and _abbreviates(side.flat, own))
    )


def _abbreviates(flat: str, own: Sequence[str]) -> bool:
    """Whether "aid" is the id of authors, "apid" of airports, "oiid" of order items."""
    start = next((flat.removesuffix(end) for end in ("id", "code", "no") if flat.endswith(end)), "")
    if not start or len(start) > 3 or not own:
        return False
    return start == "".join(word[0] for word in own) or (len(own) == 1 and own[0].startswith(start[0]))


def _to_tables(sides: Sequence[_Side]) -> Iterator[tuple[_Side, _Side, float]]:
    """Columns that are named like a table alone and hold what its key holds ("country" for `country.id`)."""
    keys: dict[tuple[str, ...], list[_Side]] = defaultdict(list)
    for side in sides:
        if _owns(side) and side.words and side.words[-1] in _KEY_WORDS:
            keys[_table_words(side.table.name)].append(side)
    for side in sides:
        for start in range(len(side.words)):
            for owner in _few(keys.get(side.words[start:], ())):
                if _looks_numeric(side.column) and _looks_numeric(owner.column):
                    yield side, owner, TABLE_ALONE


def _shared(sides: Sequence[_Side]) -> Iterator[tuple[_Side, _Side, float]]:
    """Keys of the same name in a few tables of which none owns it."""
    owned = {side.flat for side in sides if _owns(side)}
    by_flat: dict[str, list[_Side]] = defaultdict(list)
    for side in sides:
        if side.words and side.flat not in _GENERIC and side.flat not in owned and _may_be_key(side):
            by_flat[side.flat].append(side)
    for group in by_flat.values():
        if 1 < len(group) <= MOST_SHARING:
            yield from ((one, other, SHARED) for place, one in enumerate(group) for other in group[place + 1 :])


def _may_be_key(side: _Side) -> bool:
    return side.words[-1] in _KEY_WORDS or side.column.name in side.table.primary_key


def _few(owners: Sequence[_Side]) -> Sequence[_Side]:
    return owners if len(owners) <= MOST_OWNERS else ()


def _comparable(one: Column, other: Column, dialect: str) -> bool:
    """Whether a join of the two would not fail; SQLite compares numbers with text that looks like one."""
    if dialect == "sqlite" and _looks_numeric(one) and _looks_numeric(other):
        return True
    return _family(one) == _family(other)


def _looks_numeric(column: Column) -> bool:
    return column.type.is_number or (bool(column.samples) and all(sample.isdigit() for sample in column.samples))


def _family(column: Column) -> str:
    return "number" if column.type.is_number else str(column.type)


@lru_cache(maxsize=65_536)
def _flat(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


@lru_cache(maxsize=65_536)
def _table_words(name: str) -> tuple[str, ...]:
    return tuple(lemma(word) for word in split_name(name))
