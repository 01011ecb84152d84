"""Decides what a question is about (which table, which measure, which groups) from the roles of its names."""

from collections.abc import Callable

from apps.clarification.readings import Choice, ChoiceField

from .commented import commented_measure
from .draft import Draft, Named, NotUnderstood, Role, key_words, spelled
from .durations import lasting
from .enough import column_counted, enough
from .frame import Frame, Term
from .judgements import judged
from .measures import is_measure
from .naming import plural, show_rows, table_of
from .projections import projected
from .quantities import aggregated, counted, mean_count, middle
from .relations import relate
from .selves import Holder
from .superlatives import described, extreme, most


def assemble(draft: Draft) -> None:
    """Set the draft's frame. Raises NotUnderstood."""
    if len(draft.all(Role.LISTED)) > 1:
        raise NotUnderstood("two things are listed")
    for rule in RULES:
        if rule(draft):
            draft.rule = rule.__name__.strip("_").replace("_", " ")
            return
    raise NotUnderstood("no rule")


def _self_role(draft: Draft) -> bool:
    """ "Who is the manager of …": a key that leads back to its own table, under the role's name."""
    words = draft.words
    named = next((one for one in draft.named if one.mention.pointer and words.lower(one.mention.end) == "of"), None)
    pointer = named.mention.pointer if named else None
    if named is None or pointer is None or len(draft.values) != 1 or draft.times:
        return False
    table = pointer.key[0]
    places = [(column, value) for column, value in draft.values[0].places if column[0] == table]
    if not places:
        return False
    name, stored = places[0]
    draft.frame = Frame(table, show=show_rows(draft, table))
    draft.holder = Holder(pointer.key, pointer.target, name, stored)
    draft.noun = f"{' '.join(pointer.words).capitalize()} of {stored}"
    draft.values = ()
    named.is_used = True
    return True


def _listed(draft: Draft) -> bool:
    """Rows by name, or the columns asked for, narrowed by all that follows."""
    listed = draft.one(Role.LISTED) or next((named for named in draft.named if named.role is Role.PLAIN), None)
    if listed is None:
        return False
    if listed.mention.pointer:
        return False
    if listed.mention.tables and not _is_lookup(draft, listed):
        base = table_of(draft, listed)
        draft.frame = Frame(base, show=show_rows(draft, base))
        draft.noun = plural(draft, listed).capitalize()
    elif listed.mention.tables:
        base = table_of(draft, listed)
        numbers = [column for column in draft.catalog.tables[base].columns if is_measure(column)]
        if len(numbers) != 1:
            raise NotUnderstood("no single number")
        draft.frame = Frame(base, show=(Term(numbers[0].key),))
        draft.noun = plural(draft, listed).capitalize()
    else:
        return _lookup(draft, listed)
    relate(draft, [listed])
    return True


def _is_lookup(draft: Draft, listed: Named) -> bool:
    """ "What was the exchange rate of …": one number, where "which" would list rows."""
    words = draft.words
    return (
        words.lower(0) == "what"
        and words.lower(1) in ("is", "was")
        and words.lower(listed.mention.end - 1) == words.lemma(listed.mention.end - 1)
    )


def _priced(draft: Draft) -> bool:
    """ "How much does the lantern cost?": each price of the row that a value names is an open point."""
    words = draft.words
    place = next((place for place in range(3, len(words)) if words.lower(place) in ("cost", "costs")), None)
    tables = {key[0] for said in draft.values for key, _ in said.places if draft.catalog.columns[key].is_name}
    if place is None or not words.says(0, "how", "much") or len(tables) != 1 or len(draft.values) != 1:
        return False
    columns = [column for table in tables for column in draft.catalog.tables[table].columns if is_measure(column)]
    prices = [column for column in columns if {"price", "cost"} & set(column.words)]
    if not prices:
        return False
    words.take(0, 2)
    words.take(place, place + 1)
    draft.named = [one for one in draft.named if one.mention.start != place]
    draft.alternatives = [
        Choice(
            ChoiceField.METRIC,
            words.text(place, place + 1),
            key_words(draft.catalog, one.key).capitalize(),
            spelled(one.key),
        )
        for one in prices
    ]
    chosen = prices[draft.taken]
    draft.frame = Frame(chosen.table, show=(Term(chosen.key),))
    draft.noun = key_words(draft.catalog, chosen.key).capitalize()
    return True


def _lookup(draft: Draft, listed: Named) -> bool:
    """ "What is the list price of …": a column of the row that a value names."""
    tables = [key[0] for said in draft.values for key, _ in said.places if draft.catalog.columns[key].is_name]
    keys = [key for key in listed.mention.columns if key[0] in tables]
    if len(keys) != 1 or not draft.values:
        raise NotUnderstood("no row is named")
    draft.frame = Frame(keys[0][0], show=(Term(keys[0]),))
    draft.noun = plural(draft, listed).capitalize()
    relate(draft, [listed])
    return True


RULES: tuple[Callable[[Draft], bool], ...] = (
    judged, lasting, mean_count, most, column_counted, enough, extreme, described, counted, _self_role, middle,
    aggregated, _priced, commented_measure, projected, _listed,
)  # fmt: skip
"""The first that fits decides; what is said more narrowly comes first."""
