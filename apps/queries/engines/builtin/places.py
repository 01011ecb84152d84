"""What the classifiers look at where the question names columns: the place, and the columns it may mean."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from apps.knowledge.catalog import ColumnEntry
from apps.knowledge.linking import Link
from apps.knowledge.names import word_set
from apps.knowledge.said import HINT

from .analysis import Analysis
from .units import Units

STRONG = 0.6
MAX_MENTIONS = 9
NAME_REACH = 3
NAMELESS_QUALITY = 0.6
_NAMES = frozenset(("name", "title"))
_CUES = word_set(
    """
    average mean avg total sum maximum max highest largest greatest biggest minimum min lowest smallest least
    most number many different distinct unique common popular count fewest top longest shortest oldest youngest
    earliest latest first last
    """
)


@dataclass(frozen=True, slots=True)
class ColumnMention:
    """A column that the question may name by `link`; an implied one only through its table."""

    entry: ColumnEntry
    link: Link
    implied: bool


@dataclass(frozen=True)
class Place:
    """One unit of the question that may name columns, with the columns it may mean, strongest links first."""

    unit: int
    mentions: tuple[ColumnMention, ...]

    @property
    def implied(self) -> bool:
        """Whether no column is named here, only a table."""
        return all(mention.implied for mention in self.mentions)


def places_of(analysis: Analysis, units: Units) -> list[Place]:
    """Every place with the columns it may mean, in the order of the question."""
    grouped: dict[int, list[ColumnMention]] = defaultdict(list)
    for mention in _mentions(analysis):
        grouped[units.of_token[mention.link.start]].append(mention)
    return [Place(unit, tuple(_strongest(mentions))) for unit, mentions in sorted(grouped.items())]


def _mentions(analysis: Analysis) -> Iterator[ColumnMention]:
    """Every column link, and for tables that are named the columns that a row goes by."""
    columns = analysis.catalog.columns
    for link in analysis.links:
        if link.column is not None:
            yield ColumnMention(columns[(link.table, link.column)], link, False)
        elif link.quality >= STRONG:
            entry = analysis.catalog.tables[link.table]
            for column in dict.fromkeys(filter(None, (entry.name_column, entry.id_column))):
                yield ColumnMention(column, link, True)
    yield from _nameless(analysis)


def _nameless(analysis: Analysis) -> Iterator[ColumnMention]:
    """ "Name" beside a table that has no column called so means the column that its rows go by."""
    for index, token in enumerate(analysis.tokens):
        if token.lemma not in _NAMES:
            continue
        for links in analysis.table_links.values():
            for link in links:
                beside = link.end == index or 0 < link.start - index <= NAME_REACH
                column = analysis.catalog.tables[link.table].name_column if beside else None
                if column and link.quality >= STRONG and not _NAMES & set(column.words):
                    stand_in = Link(index, index + 1, link.table, column.name, NAMELESS_QUALITY, HINT, 0.0)
                    yield ColumnMention(column, stand_in, False)


def _strongest(mentions: list[ColumnMention]) -> list[ColumnMention]:
    """Each column once, best links first; said columns before implied ones."""
    ranked = sorted(mentions, key=lambda one: (one.implied, -strength(one.link), one.entry.key))
    unique = {one.entry.key: one for one in reversed(ranked)}
    said = sorted(
        (one for one in unique.values() if not one.implied), key=lambda one: (-strength(one.link), one.entry.key)
    )
    implied = sorted(
        (one for one in unique.values() if one.implied), key=lambda one: (-one.link.quality, one.entry.key)
    )
    return [*said[:MAX_MENTIONS], *implied[:4]]


def strength(link: Link) -> float:
    """How much of the question a link explains, and how well."""
    return link.quality * sqrt(link.end - link.start)


def kind_of(entry: ColumnEntry) -> str:
    """What a column is good for in one word."""
    return "id" if entry.is_id else "name" if entry.is_name else str(entry.kind)


def place_features(place: Place, analysis: Analysis, units: Units) -> list[str]:
    """What speaks for the part that a place plays, whatever column it means."""
    index = place.unit
    best = place.mentions[0]
    kind = kind_of(best.entry)
    mark = units.mark(index) if units.mark(index)[:3] in ("COL", "TAB", "VAL", "NUM") else "word"
    state = f"{mark[:3]}{'' if not place.implied else '~'}"
    before = [units.mark(index - step) for step in (1, 2, 3)]
    after = [units.mark(index + step) for step in (1, 2, 3)]
    marker = units.marker_before(index)
    opening = f"{units.mark(0)} {units.mark(1)}"
    quality = int(best.link.quality * 5)
    features = [
        "bias", f"kind={kind}", f"state={state}", f"q={quality}", f"way={best.link.way:.2f}",
        f"state={state} q={quality}",
        f"p1={before[0]}", f"p2={before[1]}", f"p3={before[2]}", f"n1={after[0]}", f"n2={after[1]}",
        f"p21={before[1]} {before[0]}", f"n12={after[0]} {after[1]}", f"p321={before[2]} {before[1]} {before[0]}",
        f"n123={after[0]} {after[1]} {after[2]}", f"pn={before[0]}|{after[0]}",
        f"p21n1={before[1]} {before[0]}|{after[0]}",
        f"marker={marker}", f"marker={marker} {kind}", f"opening={opening}", f"opening={opening} {state}",
        f"opening={opening} {marker}", f"{state} p1={before[0]}", f"{state} p21={before[1]} {before[0]}",
        f"{state} n1={after[0]}",
        f"p1={before[0]} {kind}", f"n1={after[0]} {kind}", f"p21={before[1]} {before[0]} {kind}", f"{state} {kind}",
        f"nth={_names_before(index, units)}", f"nth={_names_before(index, units)} {state} {units.mark(0)}",
        f"others={_columns_named(units)} {state}", f"others={_columns_named(units)} {state} {opening}",
        f"unit={units.mark(index)}", f"last={units.last_mark_before(index, ('COL', 'TAB', 'VAL', 'NUM'))} {state}",
    ]  # fmt: skip
    features.extend(_list_features(index, units, kind, state))
    features.extend(_cues(index, units, kind))
    return features


def _list_features(index: int, units: Units, kind: str, state: str) -> Iterator[str]:
    """The list of names that a place belongs to, and what stands before the list as a whole."""
    head, further = units.list_head(index), units.list_end(index)
    before = [units.mark(head - step) for step in (1, 2, 3)]
    marker = units.marker_before(head)
    yield f"list={min(index - head, 3)}+{further} {state}"
    yield f"head p1={before[0]}"
    yield f"head p21={before[1]} {before[0]}"
    yield f"head p321={before[2]} {before[1]} {before[0]}"
    yield f"head marker={marker} {state}"
    yield f"head marker={marker} {kind}"
    yield f"head first={head <= 3 and not marker} {state} {further > 0 or head != index}"
    yield f"head mark={units.mark(head)[:3]} {state} {marker}"


def _cues(index: int, units: Units, kind: str) -> Iterator[str]:
    """Superlatives and amounts close by."""
    for step in range(1, 6):
        mark = units.mark(index - step)
        if mark in _CUES:
            yield f"cue={mark}@{step}"
            yield f"cue={mark} {kind}"
            break
        if mark.startswith(("COL", "TAB")) and step > 1:
            break
    for step in range(1, 5):
        mark = units.mark(index + step)
        if mark in ("VAL", "NUM"):
            yield f"value@{step}"
            yield f"value@{step} {kind}"
            break
        if mark.startswith("COL"):
            break


def choice_features(place: Place, mentions: tuple[ColumnMention, ...], analysis: Analysis, units: Units) -> list[str]:
    """What speaks for a place meaning this column, or these two at once."""
    rows = [_mention_features(place, mention, analysis, units) for mention in mentions]
    if len(rows) == 1:
        return rows[0]
    first, second = mentions
    overlap = _overlap(first.link, second.link)
    same_table = first.entry.table == second.entry.table
    kinds = " ".join(sorted((kind_of(first.entry), kind_of(second.entry))))
    before = units.mark(place.unit - 1)
    words = " ".join(
        sorted(("first" in one.entry.words) * "first" + ("last" in one.entry.words) * "last" for one in mentions)
    )
    pair = [
        "pair", f"pair {overlap} {same_table}", f"pair {kinds}", f"pair p1={before}", f"pair {words}",
        f"pair {words} p1={before}",
        f"pair {overlap} {kinds} {first.implied:d}{second.implied:d}",
        f"pair gap={int((strength(first.link) - strength(second.link)) * 5)}",
    ]  # fmt: skip
    return pair + [f"pair:{name}" for name in {*rows[0], *rows[1]}]


def _overlap(first: Link, second: Link) -> str:
    if (first.start, first.end) == (second.start, second.end):
        return "same"
    if first.end <= second.start or second.end <= first.start:
        return "apart"
    return "inside"


def _mention_features(place: Place, mention: ColumnMention, analysis: Analysis, units: Units) -> list[str]:
    entry, link = mention.entry, mention.link
    kind, said = kind_of(entry), "implied" if mention.implied else "said"
    best = strength(place.mentions[0].link)
    behind = int((best - strength(link)) * 10) if not mention.implied else -1
    same = sum(
        abs(strength(one.link) - strength(link)) < 0.02 and one.implied == mention.implied
        for one in place.mentions
        if one is not mention
    )
    table = _table_relation(entry, link, analysis)
    opening = units.mark(0)
    columns = len([one for one in place.mentions if not one.implied])
    return [
        f"behind={min(behind, 8)}", f"behind={min(behind, 8)} same={min(same, 2)}", f"q={int(link.quality * 10)}",
        f"way={link.way:.2f} {said}",
        f"table={table}", f"table={table} {said}", f"table={table} behind={min(behind, 3)}", f"table={table} {kind}",
        f"kind={kind} {said}", f"{kind} {said} opening={opening}", f"{kind} {said} p1={units.mark(place.unit - 1)}",
        f"{kind} {said} n1={units.mark(place.unit + 1)}", f"keys={entry.is_primary:d}{entry.is_foreign:d} {said}",
        f"keys={entry.is_primary:d}{entry.is_foreign:d} {table}", f"covered={int(link.covered * 5)} {said}",
        f"{said} said others={min(columns, 2)} {kind}", f"needed={_table_likelihood(entry, analysis)} {said}",
        f"length={link.end - link.start}", f"{kind} unit={units.mark(place.unit)}",
        f"position={min(entry.position, 3)} {said}",
    ]  # fmt: skip


def _table_likelihood(entry: ColumnEntry, analysis: Analysis) -> int:
    """How well the question names the column's table, in fifths."""
    return int(5 * max((link.quality for link in analysis.table_links.get(entry.table, ())), default=0.0))


def _table_relation(entry: ColumnEntry, link: Link, analysis: Analysis) -> str:
    """How near the question names the column's own table, against the nearest other table."""
    own_links = [one for one in analysis.table_links.get(entry.table, ()) if one.quality >= STRONG]
    if any(one.end == link.start for one in own_links):
        return "adjacent"
    own = _distance(link, own_links)
    others = [
        one for one in analysis.links if one.column is None and one.table != entry.table and one.quality >= STRONG
    ]
    other = _distance(link, others)
    if own is None:
        return "unsaid" if other is None else "other"
    if any(one.end == link.start for one in others):
        return "next to another"
    if other is None:
        return "only"
    return "nearer" if own < other else "same" if own == other else "farther"


def _distance(link: Link, links: list[Link]) -> int | None:
    """Tokens between two links; a table named after the column ("name of the singer") counts as nearer."""
    gaps = [one.start - link.end if one.start >= link.end else (link.start - one.end) * 2 + 1 for one in links]
    return min(gaps) if gaps else None


def _names_before(index: int, units: Units) -> str:
    return " ".join(unit.mark[:3] for unit in units.units[:index] if unit.mark.startswith(("COL", "TAB")))[:11]


def _columns_named(units: Units) -> int:
    return min(sum(unit.mark.startswith("COL") for unit in units.units), 3)
