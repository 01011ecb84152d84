"""Groups that have enough: "products with an average rating above 3", "cities with more than 40 shipments"."""

from apps.queries.engines.builtin.plan import Aggregate, Operator

from .comparison_words import comparison_at
from .draft import Draft, Named, Role
from .frame import Frame, Group, Measure, Term
from .grouping import group_of
from .naming import plural
from .quantities import AGGREGATE_WORDS, only_column
from .relations import OPERATOR_WORDS, relate
from .words import plain_number

_Compared = tuple[Named, Aggregate, Operator, int | float]


def enough(draft: Draft) -> bool:
    """Rows by an aggregate of theirs: "departments with more than 25 credits in total"."""
    listed = draft.one(Role.LISTED) or next(iter(draft.named), None)
    if listed is None or draft.one(Role.COUNTED):
        return False
    found = _aggregate_compared(draft, listed) or _total_compared(draft)
    if found is None:
        return False
    named, aggregate, operator, number = found
    key = only_column(draft, named)
    measure = Measure(aggregate, named.term or Term(key))
    group = group_of(draft, listed, key[0])
    draft.frame = Frame(key[0], measure=measure, groups=(group,), having=(operator, number), hide_measure=True)
    aggregated = f"{AGGREGATE_WORDS[aggregate].lower()} {plural(draft, named)}"
    draft.noun = f"{plural(draft, listed)} with {aggregated}".capitalize()
    draft.says(named.mention.end, f"{OPERATOR_WORDS[operator]} {number}")
    relate(draft, [named, listed])
    return True


def _aggregate_compared(draft: Draft, listed: Named) -> _Compared | None:
    named, words = draft.one(Role.AGGREGATED), draft.words
    if named is None or named is listed or not named.aggregate or named.mention.start < listed.mention.start:
        return None
    place = named.mention.end
    while words.lower(place) in ("is", "was", "of"):
        place += 1
    compared = comparison_at(words, place)
    number = words.number(compared[0]) if compared else None
    if compared is None or number is None:
        return None
    words.take(place, compared[0] + 1)
    return named, named.aggregate, compared[1], plain_number(number)


def _total_compared(draft: Draft) -> _Compared | None:
    words, named = draft.words, draft.one(Role.COMPARED)
    place = next((at for at in range(1, len(words)) if words.says(at, "in", "total")), None)
    if place is None or named is None or not named.mention.columns or named.operator is None or named.number is None:
        return None
    words.take(place, place + 2)
    return named, Aggregate.SUM, named.operator, named.number


def column_counted(draft: Draft) -> bool:
    """ "destinations that received more than 40 shipments": values of a column that have enough rows."""
    listed, compared = draft.one(Role.LISTED) or next(iter(draft.named), None), draft.one(Role.COMPARED)
    if listed is None or compared is None or listed.mention.tables or len(compared.mention.tables) != 1:
        return False
    base = compared.mention.tables[0]
    keys = [key for key in listed.mention.columns if key[0] == base]
    if keys and draft.words.lemma(listed.mention.end - 1) not in draft.catalog.columns[keys[0]].words:
        return False  # a synonym may as well mean another table
    if len(keys) != 1 or compared.operator is None or compared.number is None or draft.one(Role.COUNTED):
        return False
    draft.frame = Frame(
        base,
        measure=Measure(Aggregate.COUNT),
        groups=(Group(Term(keys[0])),),
        having=(compared.operator, compared.number),
        hide_measure=True,
    )
    said = f"{OPERATOR_WORDS[compared.operator]} {compared.number}"
    draft.noun = f"{plural(draft, listed).capitalize()} with {said} {plural(draft, compared)}"
    relate(draft, [listed, compared])
    return True
