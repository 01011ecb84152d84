"""A column that was computed some time ago, as its comment says: as it is recorded, or computed anew."""

import re
from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import ColumnEntry
from apps.knowledge.names import root
from apps.queries.engines.builtin.plan import Aggregate, Operator

from .draft import Draft, Role, key_words, spelled
from .frame import Group, Measure, Term
from .measures import is_measure
from .paths import is_certain, multiplies, path

_KEPT = re.compile(r"\b(?:pre-?computed|computed|cached|denormali[sz]ed|materiali[sz]ed|derived)\b", re.IGNORECASE)
_OF = re.compile(r"\b(?:sum|total|number|count) of (\w+)", re.IGNORECASE)


def offer_kept_sum(draft: Draft) -> None:
    """The sum or the lookup of such a column becomes an open point of calculation; a ranking by it stays as it is."""
    term = _asked_for(draft)
    entry = draft.catalog.columns[term.key] if term else None
    computed = _computed(draft, entry) if entry else None
    if entry is None or computed is None or draft.alternatives or draft.related or draft.over.start:
        return
    phrase = key_words(draft.catalog, entry.key)
    draft.alternatives = [
        Choice(ChoiceField.CALCULATION, phrase, "As recorded", f"{spelled(entry.key)}, as computed some time ago"),
        Choice(ChoiceField.CALCULATION, phrase, "Computed now", f"sum of {spelled(computed.key)}"),
    ]
    if draft.taken == 1:
        measure = Measure(Aggregate.SUM, Term(computed.key))
        groups = draft.frame.groups if draft.frame.measure else _each_row(draft)
        draft.frame = replace(draft.frame, base=computed.table, measure=measure, groups=groups, show=())


def _asked_for(draft: Draft) -> Term | None:
    """The column whose sum, or whose value in the one row that is named or in each of them, is the answer."""
    frame = draft.frame
    if frame.measure:
        is_sum = frame.measure.aggregate is Aggregate.SUM and not frame.more and not frame.measure.over
        return frame.measure.term if is_sum and frame.limit is None else None
    if _each_row(draft) and frame.rank_by is None:
        return frame.show[1]
    names = [one for one in draft.facts if draft.catalog.columns[one.term.key].is_name]
    is_row = any(one.operator is Operator.EQUAL and one.term.key[0] == frame.base for one in names)
    return frame.show[0] if is_row and len(frame.show) == 1 and frame.rank_by is None else None


def _each_row(draft: Draft) -> tuple[Group, ...]:
    """The rows that a number is shown beside the names of: "the … of each customer"."""
    shown = draft.frame.show
    entry = draft.catalog.tables[draft.frame.base]
    if (
        len(shown) != 2
        or not draft.one(Role.GROUP)
        or entry.name_column is None
        or shown[0].key != entry.name_column.key
    ):
        return ()
    return (Group(shown[0], entry.id_column.key if entry.id_column else None),)


def _computed(draft: Draft, entry: ColumnEntry) -> ColumnEntry | None:
    """The number of the rows that the comment says it is the sum of."""
    comment = entry.column.comment
    named = _OF.search(comment) if _KEPT.search(comment) else None
    if named is None:
        return None
    for name, table in draft.catalog.tables.items():
        steps = (
            path(draft.catalog, name, entry.table) if root(named.group(1).lower()) in map(root, table.words) else None
        )
        if steps and is_certain(steps, draft.catalog) and not multiplies(steps, draft.catalog):
            return _alike([one for one in table.columns if is_measure(one)], comment)
    return None


def _alike(measures: Sequence[ColumnEntry], comment: str) -> ColumnEntry | None:
    """The measure whose comment says most of the same words, of those that may be added up."""
    said = {root(word.strip(".,;:").lower()) for word in comment.split()}

    def shared(entry: ColumnEntry) -> int:
        return len(said & {root(word.strip(".,;:").lower()) for word in entry.column.comment.split()})

    usable = [one for one in measures if "currency" not in one.column.comment]
    return max(usable, key=shared, default=None)
