"""One row for each: by a column, by the name of another table's rows, by a calendar unit."""

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .dates import creation_date, year_column
from .draft import Draft, Named, NotUnderstood, Role, spelled
from .frame import Fact, Group, Term
from .happenings import event_columns
from .naming import plural, show_rows
from .paths import distance


def group_of(draft: Draft, named: Named, base: str) -> Group:
    """One row for each of what is named: a column of the base, else a table by its name, else the nearest column."""
    mention, words = named.mention, plural(draft, named)
    if mention.pointer is not None:
        if mention.pointer.key[0] != base:
            raise NotUnderstood(f"no {words} here")
        draft.facts.append(Fact(Term(mention.pointer.key), Operator.NOT_NULL))
        return Group(mention.pointer.reads(show_rows(draft, base)[0].key))
    own = [key for key in mention.columns if key[0] == base]
    if len(own) == 1:
        return Group(Term(own[0]))
    if len(mention.tables) == 1 and mention.tables[0] != base:
        if other := _of_another(draft, words, mention.tables[0], base):
            return Group(Term(other))
        term = show_rows(draft, mention.tables[0])[0]
        identity = draft.catalog.tables[mention.tables[0]].id_column
        return Group(term, identity.key if identity and identity.key != term.key else None)
    far = {key: distance(draft.catalog, base, key[0]) for key in mention.columns}
    least = min(far.values(), default=float("inf"))
    near = [key for key in far if far[key] == least]
    if least == float("inf") or (len(near) > 1 and draft.alternatives):
        raise NotUnderstood(f"several readings of {words}")
    if len(near) > 1:
        _offer(draft, words, near)
        near = [near[min(draft.taken, len(near) - 1)]]
    return Group(Term(near[0]))


def _of_another(draft: Draft, words: str, table: str, base: str) -> ColumnKey | None:
    """ "Orders by country": their own, or that of the customer, whose rows each order has one of: an open point.

    The column of the other rows where this reading takes it.
    """
    catalog = draft.catalog
    keys = catalog.tables[base].table.foreign_keys
    own = [key.columns[0] for key in keys if _is(key.target_table, table) and len(key.columns) == 1]
    certain = [key for key in keys if not any((one := catalog.column(base, name)) and one.column.nullable
                                              for name in key.columns)]  # fmt: skip
    parents = [name for key in certain for name in catalog.tables if _is(key.target_table, name) and name != table]
    said = catalog.tables[table].words
    found = [one for name in dict.fromkeys(parents) for one in catalog.tables[name].columns if one.words == said]
    if len(own) != 1 or not found or draft.alternatives:
        return found[draft.taken - 1].key if found and draft.taken and len(own) == 1 else None
    mine = catalog.columns[(base, own[0])]
    draft.alternatives = [
        Choice(ChoiceField.DIMENSION, words, " ".join(mine.words).capitalize(), f"by {spelled(mine.key)}"),
        *(_choice_of(draft, words, one.key) for one in found),
    ]
    return found[draft.taken - 1].key if draft.taken else None


def _is(target: str, table: str) -> bool:
    return target in (table, table.rpartition(".")[2])


def _offer(draft: Draft, words: str, keys: list[ColumnKey]) -> None:
    """Equally near columns of the same name are an open point."""
    draft.alternatives = [_choice_of(draft, words, key) for key in keys]


def _choice_of(draft: Draft, words: str, key: ColumnKey) -> Choice:
    label = f"{words.capitalize()} of the {' '.join(draft.catalog.tables[key[0]].words)}"
    return Choice(ChoiceField.DIMENSION, words, label, f"by {spelled(key)}")


def groups_of(draft: Draft, base: str) -> tuple[Group, ...]:
    groups = [group_of(draft, named, base) for named in draft.all(Role.GROUP)]
    for named in draft.all(Role.GROUP):
        draft.says(named.mention.start, f"by {plural(draft, named)}")
    if draft.unit:
        draft.says(draft.unit.start, f"by {draft.unit.unit}")
    return tuple(groups)


def unit_group(draft: Draft, base: str) -> Group:
    """The calendar unit over the date that stands with it ("year of issue"), or the verb's, or the table's own."""
    unit = draft.unit
    if unit is None:
        raise NotUnderstood("no unit")
    table = base
    for place in range(len(draft.words)):
        found = event_columns(draft.catalog, draft.words.lower(place), [table]) if draft.words.is_free(place) else []
        if found:
            if not draft.times:
                draft.words.take(place, place + 1)
            return Group(Term(found[0], unit.unit, unit.as_number))
    date = creation_date(draft.catalog, table)
    year = year_column(draft.catalog, table) if unit.unit == "year" else None
    if date is None and year is not None:
        return Group(Term(year.key))
    if date is None:
        raise NotUnderstood(f"{table} has no dates")
    return Group(Term(date.key, unit.unit, unit.as_number))
