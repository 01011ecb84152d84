"""Stored values that narrow the rows: alone, one of several, or denied."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .draft import Draft, NotUnderstood, Role
from .frame import Fact, Related, Term
from .paths import distance, multiplies, path
from .pointers import pointers_of
from .value_offers import offer_columns, offer_names, offer_spellings
from .values_found import Said

_DENIALS = frozenset(
    "not except excluding outside neither nor without isn't aren't wasn't weren't don't doesn't didn't".split()
)
_JOINTS = frozenset(("or", "and", ",", "nor"))
_BESIDE = frozenset("from in of with on at for the a an is are was were either both status by to".split())


@dataclass(frozen=True, slots=True)
class _Settled:
    """A value whose column is clear."""

    said: Said
    key: ColumnKey
    stored: str
    denied: bool


def add_values(draft: Draft) -> None:
    """One condition for each stored value said, or for several of one column that are alternatives."""
    settled: list[_Settled] = []
    _check_neighbours(draft.values)
    for said in draft.values:
        places = _nearest(draft, said)
        container = _container(draft, said)
        if offer_columns(draft, said, places, container):
            continue
        places = [place for place in places if place[0] in container] or places
        tables = {key[0] for key, _ in places}
        if len({key for key, _ in places}) > 1:
            places = _by_preposition(draft, said, places)
        if len({key for key, _ in places}) != 1:
            raise NotUnderstood(f"{said.text} may stand in {len(tables)} places")
        if one := _settle(draft, said, places):
            settled.append(one)
    for group in _alternatives(draft, settled):
        _add(draft, group)


def _check_neighbours(values: Sequence[Said]) -> None:
    """Two near spellings side by side are one name that is not known. Raises NotUnderstood."""
    for left, right in pairwise(values):
        exact = [any(stored.lower() == one.text.lower() for _, stored in one.places) for one in (left, right)]
        if left.end == right.start and not all(exact):
            raise NotUnderstood(f"{left.text} {right.text}")


def _settle(draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]]) -> _Settled | None:
    key, stored = places[0]
    if len({value for _, value in places}) > 1:
        offer_spellings(draft, said, [value for _, value in places])
        return None
    is_one_of_many = any(other is not said and key in dict(other.places) for other in draft.values)
    others = [] if is_one_of_many else [value for other, value in said.others if other == key]
    if others and not is_denied(draft, said.start):
        offer_names(draft, said, key, stored, others)
        return None
    if stored.lower() != said.text.lower():
        draft.assumptions.append(f"“{said.text}” means {stored}.")
    return _Settled(said, key, stored, is_denied(draft, said.start))


def is_denied(draft: Draft, start: int) -> bool:
    """ "not from Germany", "other than Germany", "but not in grade level 7": the words that deny are taken."""
    words = draft.words
    named = {place for one in draft.named for place in range(one.mention.start, one.mention.end)}
    place = start - 1
    while place >= max(0, start - 5):
        said = words.lower(place)
        if said in _DENIALS or (said == "than" and words.lower(place - 1) == "other"):
            words.take(place - (said == "than"), start)
            words.take(place - 1, place if words.lower(place - 1) == "but" else place - 1)
            return True
        if not (said in _BESIDE or place in named or said.endswith("ed") or said == "live"):
            return False
        place -= 1
    return False


def _alternatives(draft: Draft, settled: Sequence[_Settled]) -> list[list[_Settled]]:
    """Values of one column that only "or" and "and" part, together."""
    groups: list[list[_Settled]] = []
    for one in settled:
        last = groups[-1][-1] if groups else None
        if last and last.key == one.key and _is_joined(draft, last.said.end, one.said.start):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _is_joined(draft: Draft, start: int, end: int) -> bool:
    between = {draft.words.lower(place) for place in range(start, end)}
    return bool(between & _JOINTS) and between <= _JOINTS | _BESIDE


def _add(draft: Draft, group: Sequence[_Settled]) -> None:
    first = group[0]
    key, place = first.key, first.said.start
    counts = draft.frame.measure is not None and draft.frame.measure.distinct and draft.frame.measure.column == key
    if counts or (Term(key) in draft.frame.show and not draft.frame.rank_by and not first.denied):
        raise NotUnderstood("what is listed is known")
    owner = _owner(draft, place, key[0])
    is_many = owner == draft.frame.base != key[0] and multiplies(
        path(draft.catalog, owner, key[0]) or (), draft.catalog
    )
    joints = _joints(draft, group)
    if len(group) > 1 and "and" in joints and is_many:
        if not draft.words.take_any("both"):
            raise NotUnderstood("all of these or any of them?")
        for one in group:
            _add_related(draft, one, [Fact(Term(key), Operator.EQUAL, one.stored)], negated=one.denied)
        return
    if "and" in joints and draft.words.take_any("both"):
        raise NotUnderstood("one value cannot be two")
    denied = first.denied or "nor" in joints
    stored = tuple(one.stored for one in group)
    if len(group) > 1:
        fact = Fact(Term(key), Operator.NOT_IN if denied and not is_many else Operator.IN, stored)
    else:
        fact = Fact(Term(key), Operator.NOT_EQUAL if denied and not is_many else Operator.EQUAL, stored[0])
    if is_many:
        _add_related(draft, first, [fact], negated=denied)
        return
    draft.add_facts(place, [fact], owner)
    before = draft.words.lower(place - 1)
    preposition = before if before in ("to", "from", "in", "of", "for", "by", "with", "at", "on") else "for"
    draft.says(place, f"{'not ' if denied else ''}{preposition} {' or '.join(stored)}")


def _joints(draft: Draft, group: Sequence[_Settled]) -> set[str]:
    """The words that join the values; they are taken."""
    found: set[str] = set()
    for left, right in pairwise(group):
        found |= {draft.words.lower(place) for place in range(left.said.end, right.said.start)}
        draft.words.take(left.said.end, right.said.start)
    for word in ("either", "neither"):
        if len(group) > 1 and draft.words.take_any(word) and word == "neither":
            found.add("nor")
    return found


def _add_related(draft: Draft, one: _Settled, facts: Sequence[Fact], *, negated: bool) -> None:
    """Rows that belong to the base in number: some of them must meet the condition, or none."""
    draft.related.append((one.said.start, Related(one.key[0], tuple(facts), negated=negated)))
    said = " or ".join(str(value) for fact in facts for value in _listed(fact.value))
    draft.says(one.said.start, f"{'without' if negated else 'with'} {said}")


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _owner(draft: Draft, place: int, table: str) -> str:
    """The related rows before a place that a value's table describes, else the base."""
    for start, related in reversed(draft.related):
        if start < place and distance(draft.catalog, related.table, table) < distance(
            draft.catalog, draft.frame.base, table
        ):
            return related.table
    return draft.frame.base


def _nearest(draft: Draft, said: Said) -> list[tuple[ColumnKey, str]]:
    """Places of a value in the table said right before it ("customers in Sweden"), else in the one that lies nearest
    to what is asked about."""
    if beside := _of_name_before(draft, said):
        return beside
    owners = [draft.frame.base, *(related.table for start, related in draft.related if start < said.start)]
    far = {key: min(distance(draft.catalog, owner, key[0]) for owner in owners) for key, _ in said.places}
    least = min(far.values())
    if least == float("inf"):
        raise NotUnderstood(f"no way to {said.text}")
    return [(key, value) for key, value in said.places if far[key] == least]


def _of_name_before(draft: Draft, said: Said) -> list[tuple[ColumnKey, str]]:
    """The value in the named rows' own columns, where only a preposition stands between."""
    words = draft.words
    for named in draft.named:
        gap = range(named.mention.end, said.start)
        if len(named.mention.tables) == 1 and len(gap) == 1 and words.lower(gap[0]) in ("in", "from", "of"):
            return [place for place in said.places if place[0][0] == named.mention.tables[0]]
    return []


def _container(draft: Draft, said: Said) -> set[ColumnKey]:
    """Columns named right before or after a value ("the category Festive", "status open")."""
    found: set[ColumnKey] = set()
    for named in draft.all(Role.PLAIN):
        gap = said.start - named.mention.end
        if 0 <= gap <= 1 or named.mention.start == said.end:
            named.is_used |= any(
                key in named.mention.columns or key[0] in named.mention.tables for key, _ in said.places
            )
            found.update(named.mention.columns)
            found.update(key for key, _ in said.places if key[0] in named.mention.tables)
    return found


def _by_preposition(draft: Draft, said: Said, places: list[tuple[ColumnKey, str]]) -> list[tuple[ColumnKey, str]]:
    """A name of a row beats a value in passing, where the value's own table has both."""
    named = [place for place in places if draft.catalog.columns[place[0]].is_name]
    callers = [place for place in named if _calls_rows(draft, place[0])]
    return callers or named or places


def _calls_rows(draft: Draft, key: ColumnKey) -> bool:
    """Whether rows are called by this column: a customer by its name, not by its contact's."""
    column = draft.catalog.tables[key[0]].name_column
    return column is not None and column.key == key


def add_superiors(draft: Draft) -> None:
    """ "who reports to Ada Quill": rows whose key leads to the named row; the value is used up."""
    words = draft.words
    for said in draft.values:
        before = words.lower(said.start - 2), words.lower(said.start - 1)
        if before not in (("report", "to"), ("reports", "to"), ("reporting", "to"), ("managed", "by")):
            continue
        fitting = [
            (pointer, key, stored)
            for pointer in pointers_of(draft.catalog)
            for key, stored in said.places
            if key[0] == pointer.key[0] == draft.frame.base
        ]
        if len(fitting) != 1:
            continue
        pointer, key, stored = fitting[0]
        words.take(said.start - 2, said.start)
        draft.facts.append(Fact(pointer.reads(key), Operator.EQUAL, stored))
        draft.says(said.start - 2, f"{' '.join(before)} {stored}")
        draft.values = [one for one in draft.values if one is not said]
