"""Two or more things of a kind named together: "violinists and cellists", "films and series"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from apps.queries.engines.builtin.plan import ColumnKey

from .facts import is_of_one
from .heard import Heard, Noun
from .values import Stored, places_of
from .wordlists import DETERMINERS, QUANTIFIERS

_JOINTS = (
    ("as", "well", "as"), ("along", "with"), ("together", "with"), ("in", "addition", "to"),
    ("and",), ("or",), ("plus",), ("but",), ("&",),
)  # fmt: skip
_BEFORE_NAME = (
    DETERMINERS - {"its", "their", "his", "her"} | QUANTIFIERS | {"only", "just", "also", "others", "of", ","}
)


@dataclass(frozen=True, slots=True)
class Conjunct:
    """Rows of a table, or those with a value in one of its columns."""

    start: int
    end: int
    table: str
    column: ColumnKey | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Coordination:
    """Conjuncts in their order; tokens `joint` to `after` stand before the last and join it to the others."""

    conjuncts: tuple[Conjunct, ...]
    joint: int
    after: int

    @property
    def is_of_values(self) -> bool:
        return self.conjuncts[0].column is not None


def find_coordination(heard: Heard) -> Coordination | None:
    """The first coordination of two names of a kind, of which one at least is a plural in small letters."""
    for joint, after in _joints(heard):
        for right in _names(heard, after, heard.end):
            if not _is_near(heard, after, right):
                break
            for left in reversed(list(_names(heard, 0, joint))):
                pair = next(_pairs(heard, left, right), None)
                if pair is not None and _is_plural(heard, left, right):
                    return Coordination((*_further(heard, pair[0]), *pair), joint, after)
    return None


def _joints(heard: Heard) -> Iterator[tuple[int, int]]:
    for place in range(1, heard.end):
        said = next((one for one in _JOINTS if heard.words[place : place + len(one)] == one), None)
        if said is not None:
            end = place + len(said)
            yield (
                (place - 1 if heard.word(place - 1) == "," else place),
                (end + 1 if heard.word(end) in ("plus", "also") else end),
            )


def _names(heard: Heard, start: int, end: int) -> Iterator[Noun | Stored]:
    """Nouns of one table and values, in their order."""
    names: list[Noun | Stored] = [noun for noun in heard.nouns_in(start, end) if noun.table]
    yield from sorted([*names, *heard.values_in(start, end)], key=lambda one: one.start)


def _is_near(heard: Heard, after: int, name: Noun | Stored) -> bool:
    """Whether only small words and other values stand between the joint and a name."""
    valued = places_of(heard.values_in(after, name.start))
    return all(place in valued or heard.word(place) in _BEFORE_NAME for place in range(after, name.start))


def _pairs(heard: Heard, left: Noun | Stored, right: Noun | Stored) -> Iterator[tuple[Conjunct, Conjunct]]:
    """Both as values of one column, or as two tables of which neither's rows belong to the other's."""
    if isinstance(left, Stored) and isinstance(right, Stored):
        for (column, one), (other_column, other) in product(left.places, right.places):
            if column == other_column and one != other:
                yield (
                    Conjunct(left.start, left.end, column[0], column, one),
                    Conjunct(right.start, right.end, column[0], column, other),
                )
    elif isinstance(left, Noun) and isinstance(right, Noun) and left.table and right.table:
        one, other = left.table, right.table
        if one != other and not is_of_one(heard.catalog, one, other) and not is_of_one(heard.catalog, other, one):
            yield Conjunct(left.start, left.end, one), Conjunct(right.start, right.end, other)


def _is_plural(heard: Heard, left: Noun | Stored, right: Noun | Stored) -> bool:
    """Whether several are meant, and common names at that: "Bonn and Trier" are places, not what is listed."""
    tokens = [heard.analysis.tokens[one.end - 1] for one in (left, right)]
    firsts = [heard.analysis.tokens[one.start] for one in (left, right)]
    if any(token.is_capitalized and one.start > 0 for token, one in zip(firsts, (left, right), strict=True)):
        return False
    return any(token.text.lower() != token.lemma for token in tokens)


def _further(heard: Heard, first: Conjunct) -> Sequence[Conjunct]:
    """Names of the same kind that commas part from the first ("cats, dogs and rabbits")."""
    found: list[Conjunct] = []
    start = first.start
    for name in reversed(list(_names(heard, 0, first.start))):
        if name.end != start - 1 or heard.word(name.end) != "," or isinstance(name, Noun) or first.column is None:
            break
        value = next((stored for key, stored in name.places if key == first.column), None)
        if value is None:
            break
        found.insert(0, Conjunct(name.start, name.end, first.table, first.column, value))
        start = name.start
    return found
