"""What a stretch of a question says about the rows of one table: stored values, and numbers that are compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.catalog import Catalog, Kind
from apps.knowledge.dates import FIRST_YEAR, LAST_YEAR
from apps.knowledge.name_matching import Link
from apps.queries.engines.builtin.analysis import SpanKind
from apps.queries.engines.builtin.cues import meanings
from apps.queries.engines.builtin.plan import ColumnKey, Condition, Item, Operator
from apps.queries.engines.builtin.spoken.comparison_words import comparison_at
from apps.queries.engines.builtin.spoken.paths import is_fan, multiplies, path
from apps.queries.engines.builtin.spoken.words import Words, is_unit, plain_number

from .heard import Heard, is_plain
from .rows import called
from .values import Stored, Stretch, places_of

LEAST_HINT = 0.4
MOST_STEPS = 2  # past a table that only ties two others together
BEFORE, AFTER = 3, 2  # so many words before and after a number may name its column
_THAN = {"greater": Operator.GREATER, "less": Operator.LESS}
_OR = {"more": Operator.AT_LEAST, "above": Operator.AT_LEAST, "less": Operator.AT_MOST, "fewer": Operator.AT_MOST}
_WHEN = {
    "after": Operator.GREATER,
    "since": Operator.AT_LEAST,
    "before": Operator.LESS,
    "in": Operator.EQUAL,
}  # Operator for a side of a period, and whether its first day or the day after it counts.
_SIDES = {"since": (Operator.AT_LEAST, 0), "before": (Operator.LESS, 0), "after": (Operator.AT_LEAST, 1),
          "until": (Operator.LESS, 1)}  # fmt: skip
Said = tuple[Condition, set[int]]
_SHORT_UNITS = frozenset("m km cm mm kg g l min h hr hrs sqm".split())


@dataclass(frozen=True, slots=True)
class Told:
    """The conditions of a stretch, and the places of its words that say them or name their columns."""

    conditions: tuple[Condition, ...]
    places: frozenset[int]


def facts_about(heard: Heard, table: str, start: int, end: int, *, far: bool = False) -> Told | None:
    """What tokens `start` to `end` say of a table's rows; None where they say something of other rows.

    With `far` they may say it of rows that many of these go together with ("bands that played at …").
    """
    conditions: list[Condition] = []
    places: set[int] = set()
    for value in heard.values_in(start, end):
        found = column_of(heard, value, table, far=far)
        if found is None:
            return None
        places |= places_of([value]) | _naming(heard, found[0], value)
        conditions.append(Condition(Item(found[0]), Operator.EQUAL, found[1]))
    for condition, said in (*_flags(heard, table, start, end, places), *_days(heard, table, start, end)):
        conditions.append(condition)
        places.update(said)
    taken = set(places)
    for place in range(start, end):
        if heard.analysis.tokens[place].number is not None and place not in taken:
            compared = _numbered(heard, table, place) or _compared(heard, table, place, start, end)
            if compared is None:
                return None
            conditions.append(compared[0])
            places.update(compared[1])
    equal = [condition.item.column for condition in conditions if condition.operator is Operator.EQUAL]
    return Told(tuple(conditions), frozenset(places)) if len(set(equal)) == len(equal) else None


def _flags(heard: Heard, table: str, start: int, end: int, places: set[int]) -> Iterator[Said]:
    """Columns of yes and no that are named as what rows are ("remote editors", "hotels with a pool")."""
    for flag in heard.flags:
        key, yes = next((one for one in flag.places if one[0][0] == table), (None, ""))
        inside = start <= flag.start and flag.end <= end and places.isdisjoint(places_of([flag]))
        if key is not None and inside:
            yield Condition(Item(key), Operator.EQUAL, yes), places_of([flag])


def _days(heard: Heard, table: str, start: int, end: int) -> Iterator[Said]:
    """Days and periods, set against the date that the words beside them name, or the only one that there is."""
    for span in heard.analysis.spans:
        if span.kind is not SpanKind.DATE or not (start <= span.start and span.end <= end):
            continue
        window = range(max(start, span.start - BEFORE), min(end, span.end + AFTER))
        key = _column_in(heard, table, window, Kind.DATE, is_only=True)
        if key is None:
            continue
        first, after = (str(one) for one in span.constants)
        operator, value = _SIDES.get(span.opening, (Operator.WITHIN, 2))
        naming = places_of(_links_in(heard, key, window))
        before = {span.start - 1} if heard.word(span.start - 1) in ("in", "on", span.opening) else set()
        constant = (first, after) if value == 2 else (first, after)[value]
        yield Condition(Item(key), operator, constant), {*range(span.start, span.end), *naming, *before}


def _numbered(heard: Heard, table: str, place: int) -> Said | None:
    """ "order 2": the row with that key."""
    noun = next((one for one in heard.nouns if one.end == place and one.table == table), None)
    key = heard.catalog.tables[table].id_column
    if noun is None or key is None or key.kind is not Kind.NUMBER:
        return None
    return Condition(Item(key.key), Operator.EQUAL, plain_number(heard.analysis.tokens[place].number)), {place}


def column_of(heard: Heard, value: Stored, table: str, *, far: bool = False) -> tuple[ColumnKey, str] | None:
    """The column of a table's rows, or of the one row that each belongs to, that holds a value.

    With `far` it may be the table's own where another's of the same name holds it ("films and series from …"), or that
    of rows that go together with it.
    """
    catalog = heard.catalog
    own = [place for place in value.places if place[0][0] == table]
    near = own or [place for place in value.places if is_of_one(catalog, table, place[0][0])]
    if near:
        named = [place for place in near if _naming(heard, place[0], value)]
        return (named or near)[0]
    if not far:
        return None
    for (other, name), stored in value.places:
        if (entry := catalog.column(table, name)) and (other, name) not in called(catalog, other):
            return entry.key, stored
    return next((place for place in value.places if is_tied(catalog, table, place[0][0])), None)


def is_of_one(catalog: Catalog, table: str, other: str) -> bool:
    """Whether each row of a table belongs to at most one row of the other."""
    steps = path(catalog, table, other)
    return bool(steps) and not multiplies(steps or (), catalog)


def is_tied(catalog: Catalog, table: str, other: str, *, most_steps: int = MOST_STEPS) -> bool:
    """Whether a table's rows go together with the other's, through a tying table at most."""
    steps = path(catalog, table, other)
    return steps is not None and len(steps) <= most_steps and not is_fan(steps, catalog)


def _naming(heard: Heard, key: ColumnKey, value: Stored) -> set[int]:
    """Places of the noun beside a value that names its column or table ("a seasonal contract", "ward A")."""
    links: list[Stretch] = [one for one in heard.analysis.column_links.get(key, ()) if one.quality >= LEAST_HINT]
    nouns = [noun for noun in heard.nouns if noun.table == key[0]]
    return places_of(one for one in (*links, *nouns) if _is_beside(heard, one, value))


def _is_beside(heard: Heard, name: Stretch, value: Stored) -> bool:
    is_before = name.end <= value.start <= name.end + 2 and _is_gap(heard, name.end, value.start)
    return name.start == value.end or is_before


def _is_gap(heard: Heard, start: int, end: int) -> bool:
    return all(heard.word(place) in ("is", "are", "of", "in", "the", "a", "by", "as") for place in range(start, end))


def _compared(heard: Heard, table: str, place: int, start: int, end: int) -> tuple[Condition, set[int]] | None:
    """A number with its comparison, and the column that the words beside it name or hint at."""
    operator, first = _operator(heard, place, start)
    last = place + (3 if operator in _OR.values() and heard.word(place + 1) == "or" else 1)
    if is_unit(heard.lemma(last)) or heard.word(last) in _SHORT_UNITS:
        last += 1
    window = range(max(start, first - BEFORE), min(end, last + AFTER))
    value = plain_number(heard.analysis.tokens[place].number)
    is_year = _is_year(heard, place)
    key = _column_in(heard, table, window, Kind.NUMBER, is_year=is_year)
    condition = Condition(Item(key), operator, value) if key else None
    if is_year and key is None and (key := _column_in(heard, table, window, Kind.DATE, is_only=True)):
        condition = _in_year(key, operator, int(value))
    if key is None or condition is None:
        return None
    naming = places_of(_links_in(heard, key, window))
    return condition, {*range(first, last), *naming}


def _in_year(key: ColumnKey, operator: Operator, year: int) -> Condition:
    """A date set against a year."""
    first, after = f"{year:04}-01-01", f"{year + 1:04}-01-01"
    if operator is Operator.EQUAL:
        return Condition(Item(key), Operator.WITHIN, (first, after))
    if operator is Operator.GREATER:
        return Condition(Item(key), Operator.AT_LEAST, after)
    return Condition(Item(key), operator, first)


def _operator(heard: Heard, place: int, start: int) -> tuple[Operator, int]:
    """How a number is compared, and where the words that say so begin."""
    words = Words(heard.analysis.tokens)
    if heard.word(place + 1) == "or" and heard.word(place + 2) in _OR:
        return _OR[heard.word(place + 2)], place
    for first in range(max(start, place - 3), place):
        found = comparison_at(words, first)
        if found and found[0] == place:
            return found[1], first
    if heard.word(place - 1) == "than":
        for first in (place - 2, place - 3):
            for meaning in meanings(heard.word(first)) if first >= start else ():
                if meaning in _THAN:
                    return _THAN[meaning], first
    if heard.word(place - 1) in _WHEN and place > start:
        return _WHEN[heard.word(place - 1)], place - 1
    return Operator.EQUAL, place


def _is_year(heard: Heard, place: int) -> bool:
    number = heard.analysis.tokens[place].number
    return heard.word(place - 1) in _WHEN and number is not None and FIRST_YEAR <= number <= LAST_YEAR


def _column_in(
    heard: Heard, table: str, window: range, kind: Kind, *, is_year: bool = False, is_only: bool = False
) -> ColumnKey | None:
    """The one number or date of a table that the words of a window fit best; else its year, or its only such column."""
    columns = [one for one in heard.catalog.tables[table].columns if one.kind is kind and is_plain(one)]
    fits = {one.key: max((link.quality for link in _links_in(heard, one.key, window)), default=0.0) for one in columns}
    best = max(fits.values(), default=0.0)
    fitting = [key for key, fit in fits.items() if fit == best and fit >= LEAST_HINT]
    if not fitting and is_year:
        fitting = [one.key for one in columns if one.words[-1] == "year"]
    if not fitting and is_only:
        fitting = list(fits)
    return fitting[0] if len(fitting) == 1 else None


def _links_in(heard: Heard, key: ColumnKey, window: range) -> list[Link]:
    return [
        link for link in heard.analysis.column_links.get(key, ()) if link.start in window and link.quality >= LEAST_HINT
    ]
