"""Decides what a question is about (which table, which measure, which groups) from the roles of its names."""

from apps.clarification.readings import Choice, ChoiceField

from .draft import Draft, Named, NotUnderstood, Role, key_words, spelled
from .frame import Frame, Term
from .measures import is_measure
from .naming import plural, show_rows, table_of
from .quantities import aggregated, commented_measure, counted, mean_count
from .relations import relate
from .selves import Holder
from .superlatives import extreme, most


def assemble(draft: Draft) -> None:
    """Set the draft's frame. Raises NotUnderstood."""
    if len(draft.all(Role.LISTED)) > 1:
        raise NotUnderstood("two things are listed")
    for rule in (mean_count, most, extreme, counted, _self_role, aggregated, _priced, commented_measure, _listed):
        if rule(draft):
            return
    raise NotUnderstood("no rule")


def _self_role(draft: Draft) -> bool:
    """ "Who is the manager of …": a key that leads back to its own table, under the role's name."""
    words = draft.words
    for table in draft.catalog.tables.values():
        for key in table.table.foreign_keys:
            role = (
                [word for word in draft.catalog.columns[(table.name, key.columns[0])].words if word != "id"]
                if len(key.columns) == 1
                else []
            )
            if key.target_table != table.table.name or len(role) != 1:
                continue
            place = next(
                (
                    place
                    for place in range(len(words))
                    if words.lemma(place) == role[0] and words.lower(place + 1) == "of"
                ),
                None,
            )
            said = [one for one in draft.values if any(column[0] == table.name for column, _ in one.places)]
            if place is None or len(draft.values) != 1 or len(said) != 1 or draft.times:
                continue
            name, stored = next((column, value) for column, value in said[0].places if column[0] == table.name)
            words.take(place, place + 1)
            draft.frame = Frame(table.name, show=show_rows(draft, table.name))
            draft.holder = Holder((table.name, key.columns[0]), (table.name, key.target_columns[0]), name, stored)
            draft.noun = f"{role[0].capitalize()} of {stored}"
            draft.values = ()
            draft.named = [one for one in draft.named if not (one.mention.start <= place < one.mention.end)]
            return True
    return False


def _listed(draft: Draft) -> bool:
    """Rows by name, or the columns asked for, narrowed by all that follows."""
    listed = draft.one(Role.LISTED) or next((named for named in draft.named if named.role is Role.PLAIN), None)
    if listed is None:
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
