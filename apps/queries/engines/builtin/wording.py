"""The cue words of a question at their places: superlatives, directions, aggregates, and where each column is named."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import ColumnEntry, Kind
from apps.knowledge.names import word_set

from .cues import meanings
from .evidence import Evidence
from .places import strength
from .plan import Aggregate, ColumnKey

DESCENDING, ASCENDING = 1, -1
NEAR = 5
BEHIND_COST = 2
CLEARLY_BETTER = 0.12
_MOST = word_set(
    """
    most highest largest greatest biggest maximum max top longest best tallest heaviest latest newest recent last
    richest fastest busiest high
    """
)
_LEAST = word_set(
    """
    least lowest smallest fewest minimum min shortest cheapest worst lightest earliest first poorest slowest bottom
    fewer low
    """
)
_AGES = {"oldest": DESCENDING, "youngest": ASCENDING, "eldest": DESCENDING}
_DOWN = word_set("descending decreasing desc reverse")
_UP = word_set("ascending increasing asc alphabetical alphabetically lexicographic")
CUE_AGGREGATES = {
    "average": Aggregate.AVG, "avg": Aggregate.AVG, "mean": Aggregate.AVG, "total": Aggregate.SUM, "sum": Aggregate.SUM,
    "maximum": Aggregate.MAX, "max": Aggregate.MAX, "minimum": Aggregate.MIN, "min": Aggregate.MIN,
    "highest": Aggregate.MAX, "lowest": Aggregate.MIN, "largest": Aggregate.MAX, "smallest": Aggregate.MIN,
    "greatest": Aggregate.MAX, "longest": Aggregate.MAX, "shortest": Aggregate.MIN,
}  # fmt: skip
_EACH = word_set("each every per")
_FREQUENT = word_set("common popular frequent frequently commonly often used")
_MEASURED = word_set("number amount count total")
_JOINING = frozenset(("or", "and", "either"))
_NAMES_AND_CONSTANTS = ("COL", "TAB", "VAL", "NUM")
_AGE_WORDS = word_set("birth birthday born founded founding opened established built since date year")


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue word at a unit; `sign` is the way a superlative points, `about` the kind of the next name after it."""

    unit: int
    word: str
    sign: int
    about: str


@dataclass(frozen=True)
class Wording:
    """What one question says by its cue words, found once. `homes` are the units that may name a column, `said` those
    that do by its own words; `rivals` are columns whose place names another clearly better, by tenths; `groups` are the
    units after "each", `meanings` what any cue word of the question means."""

    homes: dict[ColumnKey, tuple[int, ...]]
    said: dict[ColumnKey, tuple[int, ...]]
    superlatives: tuple[Cue, ...]
    directions: tuple[Cue, ...]
    aggregates: tuple[Cue, ...]
    groups: tuple[int, ...]
    rivals: dict[ColumnKey, int]
    meanings: frozenset[str]


def wording_of(evidence: Evidence) -> Wording:
    """Read the cue words of a question and the units at which each column is named."""
    marks = evidence.units.marks()
    homes: dict[ColumnKey, list[int]] = {}
    said: dict[ColumnKey, list[int]] = {}
    for guess in evidence.places:
        for mention in guess.place.mentions:
            homes.setdefault(mention.entry.key, []).append(guess.place.unit)
            if not mention.implied:
                said.setdefault(mention.entry.key, []).append(guess.place.unit)
    return Wording(
        {key: tuple(units) for key, units in homes.items()},
        {key: tuple(units) for key, units in said.items()},
        tuple(_superlatives(marks)),
        tuple(
            Cue(unit, mark, DESCENDING if mark in _DOWN else ASCENDING, "")
            for unit, mark in enumerate(marks) if mark in _DOWN or mark in _UP
        ),
        tuple(Cue(unit, mark, 0, _about(marks, unit)) for unit, mark in enumerate(marks) if mark in CUE_AGGREGATES),
        tuple(unit + 1 for unit, mark in enumerate(marks[:-1]) if mark in _EACH),
        _rivals(evidence),
        frozenset(meaning for mark in marks for meaning in (*meanings(mark), *_JOINING.intersection([mark]))),
    )  # fmt: skip


def _superlatives(marks: list[str]) -> Iterator[Cue]:
    for unit, mark in enumerate(marks):
        if marks[unit - 1 : unit] == ["at"] or (mark in ("first", "last") and marks[unit + 1 : unit + 2] == ["and"]):
            continue
        if mark in _MOST:
            yield Cue(unit, mark, DESCENDING, _about(marks, unit))
        elif mark in _LEAST:
            yield Cue(unit, mark, ASCENDING, _about(marks, unit))
        elif mark in _AGES:
            yield Cue(unit, mark, _AGES[mark], _about(marks, unit))


def _about(marks: list[str], unit: int) -> str:
    """What the words after a cue lead to: a column's kind, a table, a count of a table, how often something occurs."""
    counted = ""
    for mark in marks[unit + 1 : unit + 1 + NEAR]:
        if mark in _FREQUENT:
            return "often"
        if mark in _MEASURED:
            counted = "count "
        if mark.startswith(_NAMES_AND_CONSTANTS):
            return counted + mark[:5]
    return counted or "-"


def _rivals(evidence: Evidence) -> dict[ColumnKey, int]:
    """Columns whose best place names another column clearly better, and by how many tenths."""
    best: dict[ColumnKey, float] = {}
    for guess in evidence.places:
        said = [mention for mention in guess.place.mentions if not mention.implied]
        top = max((strength(mention.link) for mention in said), default=0.0)
        for mention in said:
            behind = top - strength(mention.link)
            best[mention.entry.key] = min(best.get(mention.entry.key, 9.0), behind)
    return {key: min(int(behind * 10), 5) for key, behind in best.items() if behind > CLEARLY_BETTER}


def gap_to(unit: int, homes: tuple[int, ...]) -> int:
    """Units from a cue to the nearest name; a name before its cue counts as farther."""
    gaps = [home - unit if home > unit else unit - home + BEHIND_COST for home in homes]
    return min(gaps, default=2 * NEAR)


def sign_of(cue: Cue, entry: ColumnEntry | None) -> int:
    """The way a superlative points: the oldest was born first."""
    if cue.word in _AGES and entry is not None and (entry.kind is Kind.DATE or set(entry.words) & _AGE_WORDS):
        return -cue.sign
    return cue.sign
