"""Stored values that narrow the rows."""

from collections.abc import Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .draft import Draft, NotUnderstood, Option, Role, key_words, spelled
from .frame import Fact, Term
from .mentions import Said
from .paths import distance


def add_values(draft: Draft) -> None:
    """One condition for each stored value said."""
    for said in draft.values:
        places = _nearest(draft, said)
        if _offer_columns(draft, said, places):
            continue
        container = _container(draft, said)
        places = [place for place in places if place[0] in container] or places
        tables = {key[0] for key, _ in places}
        if len({key for key, _ in places}) > 1:
            places = _by_preposition(draft, said, places)
        if len({key for key, _ in places}) != 1:
            raise NotUnderstood(f"{said.text} may stand in {len(tables)} places")
        _add_value(draft, said, places)


def _add_value(draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]]) -> None:
    key, stored = places[0]
    before = draft.words.lower(said.start - 1)
    preposition = before if before in ("to", "from", "in", "of", "for", "by", "with", "at", "on") else "for"
    if len({value for _, value in places}) > 1:
        _offer_spellings(draft, said, [value for _, value in places])
        return
    if stored.lower() != said.text.lower():
        draft.assumptions.append(f"“{said.text}” means {stored}.")
    if Term(key) in draft.frame.show and not draft.frame.rank_by:
        raise NotUnderstood("what is listed is known")
    draft.add_facts(said.start, [Fact(Term(key), Operator.EQUAL, stored)], _owner(draft, said.start, key[0]))
    draft.says(said.start, f"{preposition} {stored}")


def _offer_spellings(draft: Draft, said: Said, values: Sequence[str]) -> None:
    key = said.places[0][0]
    options = [
        Option(
            Choice(ChoiceField.VALUE, said.text, value, f"{spelled(key)} is {value}"),
            (Fact(Term(key), Operator.EQUAL, value),),
        )
        for value in values[:4]
    ]
    everything = Fact(Term(key), Operator.IN, tuple(values))
    options.append(
        Option(Choice(ChoiceField.VALUE, said.text, "All of them", f"{spelled(key)} is any of these"), (everything,))
    )
    draft.forks.append(options)
    draft.says(said.start, f"for {said.text}")


def _offer_columns(draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]]) -> bool:
    """Several columns of the same rows hold the value, none of them named: an open point."""
    container = _container(draft, said)
    if (
        len({key for key, _ in places}) < 2
        or len({key[0] for key, _ in places}) > 1
        or container & {key for key, _ in places}
    ):
        return False
    if any(draft.catalog.columns[key].is_name for key, _ in places):
        return False
    draft.forks.append(
        [
            Option(
                Choice(
                    ChoiceField.VALUE,
                    said.text,
                    f"{key_words(draft.catalog, key).capitalize()} {value}",
                    f"{spelled(key)} is {value}",
                ),
                (Fact(Term(key), Operator.EQUAL, value),),
            )
            for key, value in places
        ]
    )
    draft.says(said.start, f"for {said.text}")
    return True


def _owner(draft: Draft, place: int, table: str) -> str:
    """The related rows before a place that a value's table describes, else the base."""
    for start, related in reversed(draft.related):
        if start < place and distance(draft.catalog, related.table, table) < distance(
            draft.catalog, draft.frame.base, table
        ):
            return related.table
    return draft.frame.base


def _nearest(draft: Draft, said: Said) -> list[tuple[ColumnKey, str]]:
    """Places of a value in the table that lies nearest to what is asked about."""
    owners = [draft.frame.base, *(related.table for start, related in draft.related if start < said.start)]
    far = {key: min(distance(draft.catalog, owner, key[0]) for owner in owners) for key, _ in said.places}
    least = min(far.values())
    if least == float("inf"):
        raise NotUnderstood(f"no way to {said.text}")
    return [(key, value) for key, value in said.places if far[key] == least]


def _container(draft: Draft, said: Said) -> set[ColumnKey]:
    """Columns named right before or after a value ("the category Festive", "status open")."""
    found: set[ColumnKey] = set()
    for named in draft.all(Role.PLAIN):
        gap = said.start - named.mention.end
        if 0 <= gap <= 1 or named.mention.start == said.end:
            named.is_used = True
            found.update(named.mention.columns)
            found.update(key for key, _ in said.places if key[0] in named.mention.tables)
    return found


def _by_preposition(draft: Draft, said: Said, places: list[tuple[ColumnKey, str]]) -> list[tuple[ColumnKey, str]]:
    """A name of a row beats a value in passing, where the value's own table has both."""
    named = [place for place in places if draft.catalog.columns[place[0]].is_name]
    return named or places
