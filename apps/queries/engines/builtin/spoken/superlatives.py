"""Questions for the most, the highest and the top ten."""

from apps.queries.engines.builtin.plan import Aggregate

from .draft import Draft, Named, NotUnderstood, Role, key_words
from .frame import Frame, Measure, Term
from .grouping import group_of, unit_group
from .naming import plural, show_rows, table_of
from .quantities import quantity
from .relations import relate


def most(draft: Draft) -> bool:
    """ "which employee took the most orders", "top 10 ship countries by number of orders"."""
    most, listed = draft.one(Role.MOST), draft.one(Role.LISTED)
    if most is None:
        return False
    if most.mention.tables:
        base, measure = table_of(draft, most), Measure(Aggregate.COUNT)
    else:
        key = quantity(draft, most.mention)
        base, measure = key[0], Measure(Aggregate.SUM, key)
    if draft.unit is not None:
        group = unit_group(draft, base)
        title = draft.unit.unit.capitalize()
    else:
        if listed is None:
            raise NotUnderstood("nothing is listed")
        group, title = group_of(draft, listed, base), plural(draft, listed).capitalize()
    draft.frame = Frame(
        base,
        measure=measure,
        groups=(group,),
        descending=most.descending,
        limit=_limit(draft),
        hide_measure=not _is_by(draft, most),
    )
    draft.noun = f"{title} with the {'most' if most.descending else 'fewest'} {plural(draft, most)}"
    relate(draft, [most, *([listed] if listed else [])])
    return True


def _is_by(draft: Draft, most: Named) -> bool:
    """ "top ten by number of orders" asks for the numbers too."""
    return any(draft.words.lower(place) == "by" for place in range(most.mention.start - 4, most.mention.start))


def _limit(draft: Draft) -> int:
    return next((named.number for named in draft.all(Role.LISTED) if named.number), 1)


def extreme(draft: Draft) -> bool:
    """ "which product has the highest list price", "the five customers with the highest lifetime value"."""
    extreme, listed = draft.one(Role.EXTREME), draft.one(Role.LISTED)
    if extreme is None:
        return False
    if listed is None:
        return _extreme_value(draft, extreme)
    base = table_of(draft, listed)
    keys = [key for key in extreme.mention.columns if key[0] == base]
    if len(keys) != 1:
        raise NotUnderstood("the column is elsewhere")
    draft.frame = Frame(
        base, show=show_rows(draft, base), rank_by=Term(keys[0]), descending=extreme.descending, limit=_limit(draft)
    )
    entry = draft.catalog.columns[keys[0]]
    if entry.column.nullable and not extreme.descending:
        draft.assumptions.append(f"Rows without {key_words(draft.catalog, keys[0])} come last.")
    word = "highest" if extreme.descending else "lowest"
    draft.noun = f"{plural(draft, listed).capitalize()} with the {word} {plural(draft, extreme)}"
    _take_order(draft)
    relate(draft, [extreme, listed])
    return True


def _extreme_value(draft: Draft, extreme: Named) -> bool:
    """ "What is the highest salary?"."""
    if any(other.mention.start == extreme.mention.end for other in draft.named):
        raise NotUnderstood("which row is meant?")
    extreme.aggregate = Aggregate.MAX if extreme.descending else Aggregate.MIN
    extreme.role = Role.AGGREGATED
    return False


def _take_order(draft: Draft) -> None:
    """ "…, highest first" says what the ranking does anyway."""
    for place in range(len(draft.words) - 1):
        says = draft.words.lower(place) in ("highest", "largest", "biggest") and draft.words.says(place + 1, "first")
        if says and draft.frame.descending:
            draft.words.take(place, place + 2)
