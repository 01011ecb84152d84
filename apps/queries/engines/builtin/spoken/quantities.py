"""Questions for a number: counts, sums, means, and measures that only comments explain."""

from dataclasses import replace

from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey

from .draft import Draft, Named, NotUnderstood, Role
from .frame import Frame, Measure, Sign, Term
from .grouping import groups_of, unit_group
from .happenings import event_columns
from .measures import is_measure
from .mentions import Mention
from .naming import plural, show_rows, table_of
from .paths import path
from .relations import relate
from .roles import AGGREGATES
from .words import stem

_SUMMED = frozenset(("amount", "total", "value", "revenue", "turnover"))
AGGREGATE_WORDS = {
    Aggregate.SUM: "Total",
    Aggregate.AVG: "Average",
    Aggregate.MIN: "Lowest",
    Aggregate.MAX: "Highest",
}


def mean_count(draft: Draft) -> bool:
    """ "the average number of lines per order"."""
    counted, group = draft.one(Role.MEAN_COUNT), draft.one(Role.GROUP)
    if counted is None:
        return False
    if group is None or draft.unit:
        raise NotUnderstood("an average number needs a per")
    base, per = table_of(draft, counted), table_of(draft, group)
    steps = path(draft.catalog, base, per)
    if steps is None or len(steps) != 1 or len(steps[0].columns) != 1:
        raise NotUnderstood("not one step apart")
    draft.frame = Frame(base, measure=Measure(Aggregate.COUNT), average_per=(base, steps[0].columns[0]))
    draft.noun = f"Average number of {plural(draft, counted)} per {plural(draft, group)}"
    draft.assumptions.append(f"{plural(draft, group).capitalize()} without any are left out.")
    return True


def counted(draft: Draft) -> bool:
    """ "how many orders", "how many different categories", "how many pieces"."""
    counted = draft.one(Role.COUNTED)
    if counted is None:
        return False
    if _are_different(draft, counted) or not (counted.mention.tables or _has_number(draft, counted)):
        base, measure = _different(draft, counted)
        draft.noun = f"Number of different {plural(draft, counted)}"
    elif counted.mention.tables:
        base = table_of(draft, counted)
        measure = Measure(Aggregate.COUNT)
        draft.noun = f"Number of {plural(draft, counted)}"
    else:
        key = quantity(draft, counted.mention)
        base, measure = key[0], Measure(Aggregate.SUM, Term(key))
        draft.noun = f"Number of {plural(draft, counted)}"
    draft.frame = Frame(base, measure=measure)
    finish(draft, counted)
    if not draft.frame.groups and draft.one(Role.LISTED):
        raise NotUnderstood("both counted and listed")
    return True


def _are_different(draft: Draft, counted: Named) -> bool:
    """Whether values are counted, each once."""
    before = range(max(0, counted.mention.start - 3), counted.mention.start)
    return (
        bool(counted.mention.columns)
        and not counted.mention.tables
        and any(draft.words.lower(place) in ("different", "distinct", "unique") for place in before)
    )


def _has_number(draft: Draft, named: Named) -> bool:
    return any(draft.catalog.columns[key].kind is Kind.NUMBER for key in named.mention.columns)


def _different(draft: Draft, counted: Named) -> tuple[str, Measure]:
    key = only_column(draft, counted)
    tables = {table for one in draft.all(Role.PLAIN)[:1] for table in one.mention.tables}
    if draft.words.lower(counted.mention.end) == "of" and key[0] not in tables:
        raise NotUnderstood("kinds of what?")
    return key[0], Measure(Aggregate.COUNT, Term(key), distinct=True)


def quantity(draft: Draft, mention: Mention) -> ColumnKey:
    """Of several columns of the same name the one whose table and comment the rest of the question speaks of."""
    catalog, words = draft.catalog, draft.words
    listed = draft.one(Role.LISTED)
    others = [named.mention for named in draft.named if listed and abs(named.mention.start - listed.mention.start) <= 1]
    skipped = {place for other in [mention, *others] for place in range(other.start, other.end)}
    said = {stem(words.lower(place)) for place in range(len(words)) if place not in skipped}

    def overlap(key: ColumnKey) -> float:
        entry, table = catalog.columns[key], catalog.tables[key[0]]
        comment = {stem(word.strip(".,;:")) for word in entry.column.comment.lower().split()[:5]}
        named = sum(named.mention.tables == (key[0],) for named in draft.named if named.mention not in others)
        return len(said & {stem(word) for word in table.words}) + named + 0.5 * len(said & comment)

    measures = [key for key in mention.columns if is_measure(catalog.columns[key])]
    ranked = sorted(measures, key=overlap, reverse=True)
    if not ranked or (len(ranked) > 1 and overlap(ranked[0]) == overlap(ranked[1])):
        raise NotUnderstood("several columns of this name")
    chosen = ranked[0]
    explained = {stem(word) for word in catalog.tables[chosen[0]].words}
    explained |= {stem(word.strip(".,;:")) for word in catalog.columns[chosen].column.comment.lower().split()[:5]}
    for place in range(len(words)):
        if words.is_free(place) and stem(words.lower(place)) in explained and not _is_timed(draft, chosen[0], place):
            words.take(place, place + 1)
    return chosen


def _is_timed(draft: Draft, table: str, place: int) -> bool:
    return bool(draft.times) and bool(event_columns(draft.catalog, draft.words.lower(place), [table]))


def middle(draft: Draft) -> bool:
    """ "the median salary"."""
    words = draft.words
    place = next((at for at in range(len(words)) if words.lower(at) == "median" and words.is_free(at)), None)
    named = next((one for one in draft.named if place is not None and one.mention.start > place), None)
    if place is None or named is None or not has_measure(draft, named) or draft.one(Role.GROUP) or draft.unit:
        return False
    key = only_column(draft, named)
    words.take(place, place + 1)
    draft.frame = Frame(key[0], show=(named.term or Term(key),))
    draft.is_median = True
    draft.noun = f"Median {plural(draft, named)}"
    relate(draft, [named])
    return True


def aggregated(draft: Draft) -> bool:
    """ "the average salary", "the total refund amount of returns"."""
    named = draft.one(Role.AGGREGATED)
    group = draft.one(Role.GROUP)
    if named is None and (group or draft.unit or _asks_for_a_sum(draft)):
        named = next((one for one in draft.all(Role.PLAIN) + draft.all(Role.LISTED) if has_measure(draft, one)), None)
    if named is None or not named.mention.columns:
        return False
    key = only_column(draft, named)
    if _of_each_row(draft, named, group, key):
        return True
    aggregate = named.aggregate or Aggregate.SUM
    if not is_measure(draft.catalog.columns[key]):
        raise NotUnderstood("no number")
    term = named.term or Term(key)
    more = _more_aggregates(draft, named)
    every = [*more, aggregate]
    measures = [_measure(one, term) for one in every]
    draft.frame = Frame(key[0], measure=measures[0], more=tuple(measures[1:]))
    said = " and ".join(AGGREGATE_WORDS[one].lower() for one in every)
    draft.noun = f"{said} {plural(draft, named)}".capitalize()
    finish(draft, named)
    return True


def _asks_for_a_sum(draft: Draft) -> bool:
    """ "What was the invoiced amount in March?": an amount of a time is that of all rows together."""
    words = draft.words
    asks = words.lower(0) in ("what", "how") and words.lower(1) in ("was", "is", "were", "much")
    named = [key for one in draft.all(Role.PLAIN) + draft.all(Role.LISTED) for key in one.mention.columns]
    return asks and bool(draft.times) and any(_SUMMED & set(draft.catalog.columns[key].words) for key in named)


def _measure(aggregate: Aggregate, term: Term) -> Measure:
    """An aggregate of a term; of a quotient the one sum over the other, not a sum of quotients."""
    if term.sign is Sign.OVER and term.other and aggregate is Aggregate.SUM:
        return Measure(aggregate, Term(term.key), over=Term(term.other))
    return Measure(aggregate, term)


def _of_each_row(draft: Draft, named: Named, group: Named | None, key: ColumnKey) -> bool:
    """ "the margin of each product": a number of each row, not one over many."""
    if group is None or group.mention.tables != (key[0],) or draft.unit:
        return False
    if draft.words.lower(group.mention.start - 1) == "by" or (named.aggregate and not named.term):
        raise NotUnderstood("a number of each row, or of all?")
    draft.frame = Frame(key[0], show=(*show_rows(draft, key[0]), named.term or Term(key)))
    draft.noun = f"{plural(draft, named)} of each {plural(draft, group)}".capitalize()
    relate(draft, [named, group])
    return True


def _more_aggregates(draft: Draft, named: Named) -> list[Aggregate]:
    """ "the minimum, maximum and average score": those before the one that stands with the name."""
    words, found = draft.words, []
    place = named.mention.start - 1
    while place >= 0 and (words.lower(place) in AGGREGATES or words.lower(place) in ("the", "and", ",")):
        if words.lower(place) in AGGREGATES and words.is_free(place):
            words.take(place, place + 1)
            found.append(AGGREGATES[words.lower(place)])
        place -= 1
    return found[::-1]


def has_measure(draft: Draft, named: Named) -> bool:
    return any(is_measure(draft.catalog.columns[key]) for key in named.mention.columns)


def only_column(draft: Draft, named: Named) -> ColumnKey:
    """The column meant: the only one, else that of a table named elsewhere, else the one whose comment fits."""
    columns = named.mention.columns
    tables = [table for other in draft.named if other is not named for table in other.mention.tables[:1]]
    own = [key for key in columns if key[0] in tables]
    if len(columns) == 1 or len(own) == 1:
        return own[0] if len(own) == 1 else columns[0]
    return quantity(draft, named.mention)


def finish(draft: Draft, head: Named | None) -> None:
    """Groups of a measure, then what else is named."""
    base = draft.frame.base
    found = groups_of(draft, base)
    if draft.unit:
        found = (unit_group(draft, base), *found)
    draft.frame = replace(draft.frame, groups=found)
    relate(draft, [head] if head else [])
