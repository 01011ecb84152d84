"""Whether each part of a plan answers to the words beside the ones that name it.

The classifiers judge a question as a whole and its places one by one; here a whole plan is held against the cue words
at their places: which column a superlative stands beside and which way it points, what "average" or "each" is about.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.knowledge.names import word_set

from .agreement import levels
from .compose import Candidate
from .evidence import Evidence
from .places import strength
from .plan import Aggregate, ColumnKey, Item, Operator, Order, Plan

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
_AGGREGATES = {
    "average": Aggregate.AVG, "avg": Aggregate.AVG, "mean": Aggregate.AVG, "total": Aggregate.SUM, "sum": Aggregate.SUM,
    "maximum": Aggregate.MAX, "max": Aggregate.MAX, "minimum": Aggregate.MIN, "min": Aggregate.MIN,
    "highest": Aggregate.MAX, "lowest": Aggregate.MIN, "largest": Aggregate.MAX, "smallest": Aggregate.MIN,
    "greatest": Aggregate.MAX, "longest": Aggregate.MAX, "shortest": Aggregate.MIN,
}  # fmt: skip
_EACH = word_set("each every per")
_FREQUENT = word_set("common popular frequent frequently commonly often used")
_MEASURED = word_set("number amount count total")
_NAMES_AND_CONSTANTS = ("COL", "TAB", "VAL", "NUM")
_AGE_WORDS = word_set("birth birthday born founded founding opened established built established since date year")
_ORDERED = (Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST)


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue word at a unit; `sign` is the way a superlative points, `about` the kind of the next name after it."""

    unit: int
    word: str
    sign: int
    about: str


@dataclass(frozen=True)
class Wording:
    """What `alignment_features` needs to know of one question, found once."""

    homes: dict[ColumnKey, tuple[int, ...]]
    said: dict[ColumnKey, tuple[int, ...]]
    superlatives: tuple[_Cue, ...]
    directions: tuple[_Cue, ...]
    aggregates: tuple[_Cue, ...]
    groups: tuple[int, ...]
    rivals: dict[ColumnKey, int]


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
            _Cue(unit, mark, DESCENDING if mark in _DOWN else ASCENDING, "")
            for unit, mark in enumerate(marks) if mark in _DOWN or mark in _UP
        ),
        tuple(_Cue(unit, mark, 0, _about(marks, unit)) for unit, mark in enumerate(marks) if mark in _AGGREGATES),
        tuple(unit + 1 for unit, mark in enumerate(marks[:-1]) if mark in _EACH),
        _rivals(evidence),
    )  # fmt: skip


def _superlatives(marks: list[str]) -> Iterator[_Cue]:
    for unit, mark in enumerate(marks):
        if marks[unit - 1 : unit] == ["at"] or mark in ("first", "last") and marks[unit + 1 : unit + 2] == ["and"]:
            continue
        if mark in _MOST:
            yield _Cue(unit, mark, DESCENDING, _about(marks, unit))
        elif mark in _LEAST:
            yield _Cue(unit, mark, ASCENDING, _about(marks, unit))
        elif mark in _AGES:
            yield _Cue(unit, mark, _AGES[mark], _about(marks, unit))


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


def alignment_features(candidate: Candidate, evidence: Evidence, wording: Wording) -> dict[str, float]:
    """Named amounts for the ranking: how well the plan's parts fit the cues beside their names."""
    plan, catalog = candidate.plan, evidence.analysis.catalog
    found: Counter[str] = Counter()
    for order in plan.order[:1]:
        found[_direction(order, plan, wording, catalog)] += 1
    for cue in wording.superlatives:
        found[f"superlative {cue.about} by {_used_by(cue, plan, wording)}"] += 1
        found[f"superlative by {_used_by(cue, plan, wording)}"] += 1
    if plan.limit is not None and plan.order and not wording.superlatives:
        found["first without superlative"] += 1
    found.update(_aggregate_features(plan, wording, catalog))
    found.update(_shown_features(plan, wording))
    found.update(_type_features(plan, catalog))
    for unit in wording.groups:
        grouped = any(unit in wording.homes.get(key, ()) or unit + 1 in wording.homes.get(key, ()) for key in plan.group)
        found[f"each {'grouped' if grouped else 'not grouped' if plan.group else 'no group'}"] += 1
    return dict(found)


def _direction(order: Order, plan: Plan, wording: Wording, catalog: Catalog) -> str:
    """Whether the order points the way that the nearest cue says."""
    entry = catalog.columns.get(order.item.column) if order.item.column else None
    homes = wording.said.get(order.item.column, ()) if order.item.column else ()
    cues = wording.superlatives if plan.limit is not None else wording.directions
    what = "first" if plan.limit is not None else "order"
    if not cues:
        return f"{what} no cue {'down' if order.descending else 'up'}"
    gap, cue = min(((_gap(cue.unit, homes), cue) for cue in cues), key=lambda pair: pair[0])
    meant = _sign(cue, entry) == DESCENDING
    near = "near" if gap <= NEAR else "far"
    return f"{what} {near} {'agrees' if meant == order.descending else 'disagrees'}"


def _gap(unit: int, homes: tuple[int, ...]) -> int:
    """Units from a cue to the nearest name; a name before its cue counts as farther."""
    gaps = [home - unit if home > unit else unit - home + BEHIND_COST for home in homes]
    return min(gaps, default=2 * NEAR)


def _sign(cue: _Cue, entry: ColumnEntry | None) -> int:
    """The way a superlative points: the oldest was born first."""
    if cue.word in _AGES and entry is not None and (entry.kind is Kind.DATE or set(entry.words) & _AGE_WORDS):
        return -cue.sign
    return cue.sign


def _used_by(cue: _Cue, plan: Plan, wording: Wording) -> str:
    """What part of the plan a superlative may stand for."""
    for level in levels(plan):
        for order in level.order:
            if level.limit is None:
                continue
            if order.item.aggregate is Aggregate.COUNT:
                return "count"
            key = order.item.column
            near = key is not None and _gap(cue.unit, wording.homes.get(key, ())) <= NEAR
            return ("near " if near else "far ") + ("aggregate" if order.item.aggregate else "column")
        wanted = Aggregate.MAX if cue.sign == DESCENDING else Aggregate.MIN
        for item in (*level.select, *(one.item for one in level.having)):
            if item.aggregate is wanted and item.column:
                return "near extreme" if _gap(cue.unit, wording.homes.get(item.column, ())) <= NEAR else "far extreme"
    return "nothing"


def _aggregate_features(plan: Plan, wording: Wording, catalog: Catalog) -> Iterator[str]:
    """For each aggregate whether its cue stands before its column, and for each cue whether it was heard."""
    items = [item for level in levels(plan) for item in _items(level) if item.aggregate and item.column]
    for item in items:
        if item.aggregate is Aggregate.COUNT:
            continue
        cues = [cue for cue in wording.aggregates if _AGGREGATES[cue.word] is item.aggregate]
        gap = min((_gap(cue.unit, wording.homes.get(item.column, ())) for cue in cues if item.column), default=99)
        yield f"aggregate {'near' if gap <= 3 else 'far' if gap <= NEAR else 'away' if cues else 'unsaid'}"
    done = {item.aggregate for item in items}
    for cue in wording.aggregates:
        meant = _AGGREGATES[cue.word]
        if cue.word in ("average", "avg", "mean", "total", "sum", "maximum", "minimum", "max", "min"):
            yield f"cue {meant} {cue.about[:3]} {'heard' if meant in done else 'unheard'}"


def _items(plan: Plan) -> Iterator[Item]:
    yield from plan.select
    yield from (order.item for order in plan.order)
    yield from (condition.item for condition in plan.having)


def _shown_features(plan: Plan, wording: Wording) -> Iterator[str]:
    """Whether each shown column has words of its own, or only borrows those of a column that fits better."""
    plain = [item.column for item in plan.select if item.column and item.aggregate is None]
    places: Counter[int] = Counter()
    for key in plain:
        said = wording.said.get(key, ())
        places.update(said[:1])
        if key in wording.rivals:
            yield f"shown behind {wording.rivals[key]}"
        elif not said:
            yield "shown unsaid"
    shared = sum(count - 1 for count in places.values() if count > 1)
    if shared:
        yield f"shown from one place {min(shared, 2)}"
    for condition in plan.where:
        if condition.item.column in wording.rivals:
            yield "condition behind"
    if plan.order and plan.order[0].item.column in wording.rivals:
        yield "order behind"
    for key in plan.group:
        if key in wording.rivals:
            yield "group behind"


def _type_features(plan: Plan, catalog: Catalog) -> Iterator[str]:
    """Operations that a column's kind hardly allows."""
    for level in levels(plan):
        for item in _items(level):
            if item.column and item.aggregate in (Aggregate.SUM, Aggregate.AVG):
                entry = catalog.columns[item.column]
                if entry.is_id or entry.kind not in (Kind.NUMBER, Kind.BOOLEAN):
                    yield "summed no amount"
            if item.column and item.aggregate in (Aggregate.MIN, Aggregate.MAX):
                entry = catalog.columns[item.column]
                if entry.is_id or entry.kind is Kind.TEXT:
                    yield "extreme of no amount"
        for condition in level.where:
            key = condition.item.column
            if key and condition.operator in _ORDERED:
                entry = catalog.columns[key]
                if isinstance(condition.value, Plan) and (entry.is_id or entry.kind is Kind.TEXT):
                    yield "compared no amount"
                elif entry.is_id or entry.is_name or entry.kind is Kind.TEXT:
                    yield "ordered no amount"
        if level.order and level.limit is not None and (key := level.order[0].item.column):
            entry = catalog.columns[key]
            if level.order[0].item.aggregate is None and (entry.is_id or entry.is_name):
                yield "first by name or id"
