"""Which columns refer to which where no key says so: by names and types, and by shared values where these are known."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from apps.datasources.schema import Column, Schema, Table

from .names import split_name, word_set

# How sure each kind of evidence makes us.
OWN_NAME, WHOLE_NAME, END_OF_NAME, TABLE_ALONE, SHARED = 0.9, 0.85, 0.7, 0.55, 0.4
MOST_OWNERS = 4  # a name that more tables own says nothing about which is meant
MOST_SHARING = 5  # a column name of more tables without an owner is an attribute, not a key
_KEY_WORDS = ("id", "code", "key", "number", "ssn", "isbn")
# "years_of_service" and "num_employees" say how much or how many, and name no row of that table.
_COUNTING = word_set("of num number count total sum average avg maximum max minimum min year month day hour amount")
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
class _Name:
    """A column's name: its words, its letters and digits alone, whether it looks like a key's."""

    words: tuple[str, ...]
    flat: str
    is_key: bool
    is_generic: bool


@dataclass(frozen=True, slots=True)
class _Owner:
    """A column that identifies the rows of its table."""

    table: Table
    column: Column


class _Names:
    """Names of columns and tables, each read once."""

    def __init__(self) -> None:
        self._columns: dict[str, _Name] = {}
        self._tables: dict[str, tuple[str, ...]] = {}

    def column(self, name: str) -> _Name:
        known = self._columns.get(name)
        if known is None:
            words, flat = split_name(name), _flat(name)
            is_key = bool(words) and words[-1] in _KEY_WORDS
            known = self._columns[name] = _Name(words, flat, is_key, flat in _GENERIC)
        return known

    def table(self, name: str) -> tuple[str, ...]:
        known = self._tables.get(name)
        if known is None:
            known = self._tables[name] = split_name(name)
        return known


def inferred_keys(schema: Schema) -> list[InferredKey]:
    """The best reference of each column to each other table, best first for each pair of tables."""
    names = _Names()
    owners = _Owners(schema, names)
    found: dict[tuple[str, str, str], InferredKey] = {}
    for table in schema:
        for column in table.columns:
            for owner, score in owners.meant_by(column.name):
                if owner.table is not table and _comparable(column, owner.column, schema.dialect):
                    _keep(found, _key(table, column, owner, score))
    for table, column, owner in _shared(schema, names, owners):
        if _comparable(column, owner.column, schema.dialect):
            _keep(found, _key(table, column, owner, SHARED))
    return sorted(found.values(), key=lambda key: (key.table, key.target, -key.score, key.column))


def _key(table: Table, column: Column, owner: _Owner, score: float) -> InferredKey:
    return InferredKey(table.full_name, column.name, owner.table.full_name, owner.column.name, score)


def _keep(found: dict[tuple[str, str, str], InferredKey], key: InferredKey) -> None:
    """Keep a reference unless this column has a better one to that table, or the other way round."""
    known = found.get((key.table, key.column, key.target))
    mirrored = found.get((key.target, key.target_column, key.table))
    if all(other is None or other.score < key.score for other in (known, mirrored)):
        found[(key.table, key.column, key.target)] = key


class _Owners:
    """Columns that identify the rows of their table, by the names that others may call them by."""

    def __init__(self, schema: Schema, names: _Names) -> None:
        self._names = names
        self.flat: dict[str, list[_Owner]] = defaultdict(list)
        self._words: dict[tuple[str, ...], list[_Owner]] = defaultdict(list)
        self._tables: dict[tuple[str, ...], list[_Owner]] = defaultdict(list)
        self._meant: dict[str, list[tuple[_Owner, float]]] = {}
        for table in schema:
            for position, column in enumerate(table.columns):
                if _owns(table, column, position, names):
                    self._add(_Owner(table, column))

    def _add(self, owner: _Owner) -> None:
        name, table_words = self._names.column(owner.column.name), self._names.table(owner.table.name)
        if name.is_generic:
            self._words[(*table_words, *name.words)].append(owner)
            self.flat[f"{_flat(owner.table.name)}{name.flat}"].append(owner)
        else:
            self.flat[name.flat].append(owner)
            if len(name.words) > 1:
                self._words[name.words].append(owner)
            elif len(name.flat) > 2:
                self._words[(name.flat,)].append(owner)
        if name.is_key:
            self._tables[table_words].append(owner)

    def meant_by(self, name: str) -> list[tuple[_Owner, float]]:
        """Owners that a column of this name may refer to, with how sure that is."""
        known = self._meant.get(name)
        if known is None:
            known = self._meant[name] = list(self._found(self._names.column(name), name))
        return known

    def _found(self, name: _Name, spelled: str) -> Iterator[tuple[_Owner, float]]:
        """Named like the key ("customer_id"), ending so ("billing_customer_id"), or like the table alone."""
        if not name.is_generic:
            yield from ((owner, OWN_NAME) for owner in _few(self.flat.get(name.flat, ())))
        for start in range(len(name.words)):
            for owner in _few(self._words.get(name.words[start:], ())):
                if spelled != owner.column.name or not name.is_generic:
                    yield owner, END_OF_NAME if start else WHOLE_NAME
        for start in range(len(name.words)):
            if _COUNTING & set(name.words[:start]):
                break
            for owner in _few(self._tables.get(name.words[start:], ())):
                if _looks_numeric(owner.column):
                    yield owner, TABLE_ALONE


def _owns(table: Table, column: Column, position: int, names: _Names) -> bool:
    """Whether a column seems to identify the rows of its table."""
    if (column.name,) == table.primary_key or (column.name,) in table.unique_keys:
        return True
    name = names.column(column.name)
    if table.primary_key or not name.words or not (name.is_key or name.words[-1] == "name"):
        return False
    own = names.table(table.name)
    if name.words[:-1] == own:
        return True
    return name.is_key and ((position == 0 and name.is_generic) or _abbreviates(name.flat, own))


def _abbreviates(flat: str, own: Sequence[str]) -> bool:
    """Whether "aid" is the id of authors, "apid" of airports, "oiid" of order items."""
    start = next((flat.removesuffix(end) for end in ("id", "code", "no") if flat.endswith(end)), "")
    if not start or len(start) > 3 or not own:
        return False
    return start == "".join(word[0] for word in own) or (len(own) == 1 and own[0].startswith(start[0]))


def _shared(schema: Schema, names: _Names, owners: _Owners) -> Iterator[tuple[Table, Column, _Owner]]:
    """Keys of the same name in a few tables of which none owns it."""
    by_flat: dict[str, list[_Owner]] = defaultdict(list)
    for table in schema:
        for column in table.columns:
            name = names.column(column.name)
            if name.is_generic or name.flat in owners.flat or not name.words:
                continue
            if name.is_key or column.name in table.primary_key:
                by_flat[name.flat].append(_Owner(table, column))
    for group in by_flat.values():
        if 1 < len(group) <= MOST_SHARING:
            yield from ((one.table, one.column, other) for one, other in combinations(group, 2))


def _few(owners: Sequence[_Owner]) -> Sequence[_Owner]:
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
