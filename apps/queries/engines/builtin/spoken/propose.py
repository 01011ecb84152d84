"""From an analysed question to readings that the grammar can vouch for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from sqlglot import exp

from apps.clarification.readings import Reading, Reason
from apps.common.identity import kept_by_identity
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.explain import assumed
from apps.queries.engines.builtin.plan import Operator
from apps.queries.engines.builtin.sql import NotJoinable

from .arithmetic import reckon
from .assembly import assemble
from .comparing import compare_periods
from .comparisons import add_comparisons
from .conditions import add_codes, add_missing, add_not_yet, add_unrated, code_places, offer_scope
from .draft import Draft, NotUnderstood, Option, Role
from .events import add_events
from .frame import Frame
from .mentions import find_mentions
from .neighbours import take_neighbours
from .overlays import find_overlay
from .parts import lay_over
from .period_pairs import find_pair
from .roles import roles_of
from .selves import holder_tree
from .sorted_by import sort_rows
from .sorting import find_sort
from .times import Calendar, find_times
from .undeclared import undeclared_joins
from .unit_marks import UnitMark, find_unit
from .values_found import find_values
from .values_said import add_superiors, add_values
from .windows import in_the_middle
from .words import Words
from .writer import FrameWriter

SURE = 0.92
MOST_READINGS = 5


@kept_by_identity(maxsize=8)
def spoken_readings(analysis: Analysis) -> tuple[Reading, ...]:
    """Readings that account for every content word, likeliest first; none where a word is left over."""
    writer = FrameWriter(analysis.catalog)
    try:
        drafts = [_understood(analysis, 0)]
        drafts += [_understood(analysis, index) for index in range(1, len(drafts[0].alternatives))]
        readings = [reading for draft in drafts for reading in _readings(draft, writer)][:MOST_READINGS]
    except (NotUnderstood, NotJoinable):
        return ()
    share, is_shared = SURE / len(readings), len(readings) > 1
    return tuple(
        replace(one, score=share * (1 - 0.01 * place), is_shared=is_shared) for place, one in enumerate(readings)
    )


def _understood(analysis: Analysis, taken: int) -> Draft:
    """Raises NotUnderstood where a word is left over or no rule fits."""
    words = Words(analysis.tokens)
    over = find_overlay(words)
    unit = find_unit(words, _adjectives_of_names(analysis)) or (
        UnitMark(over.start, over.end, over.unit) if over.unit else None
    )
    today, fiscal = analysis.context.today, analysis.context.fiscal_year_start_month
    pair = find_pair(words, Calendar(today, fiscal))
    times = find_times(words, today, fiscal)
    draft = Draft(analysis.catalog, words, today, times, unit, taken=taken)
    draft.assumptions = [time.note for time in times if time.note]
    draft.over, draft.pair, draft.sort = over, pair, find_sort(words)
    draft.values = find_values(analysis, words, timed=bool(times or pair or unit))
    adjectives = {place for said in draft.values for place in range(said.start, said.end)} | code_places(draft)
    draft.named = roles_of(find_mentions(analysis, words), words, adjectives, draft.sort, over)
    reckon(draft)
    top = _take_top(draft)
    assemble(draft)
    draft.frame = replace(draft.frame, limit=top, descending=True) if top and draft.frame.measure else draft.frame
    _narrow(draft)
    lay_over(draft)
    for facts in (draft.facts, *(related.facts for _, related in draft.related)):
        equal = [fact.term for fact in facts if fact.operator in (Operator.EQUAL, Operator.NOT_EQUAL)]
        if len(set(equal)) < len(equal):
            raise NotUnderstood("two values of one column")
    if unused := draft.unused():
        raise NotUnderstood(", ".join(words.text(one.mention.start, one.mention.end) for one in unused))
    if words.unexplained():
        raise NotUnderstood(", ".join(words.unexplained()))
    return draft


def _take_top(draft: Draft) -> int | None:
    """ "…, top 5 only": a number of rows that stands for itself. Raises NotUnderstood where nothing ranks them."""
    words = draft.words
    for place in range(len(words) - 1):
        number = words.number(place + 1)
        ends = words.lower(place + 2) in ("", "only", "ones", "?", ".")
        if words.lower(place) in ("top", "first") and number and ends and words.is_free(place):
            words.take(place, place + 3 if words.lower(place + 2) == "only" else place + 2)
            return int(number)
    return None


def _adjectives_of_names(analysis: Analysis) -> frozenset[str]:
    """Words such as "monthly" that stand in names of columns that are said."""
    said = {link.column for link in analysis.links if link.column}
    return frozenset(word for key, entry in analysis.catalog.columns.items() if key[1] in said for word in entry.words)


def _narrow(draft: Draft) -> None:
    tables = [draft.frame.base, *(related.table for _, related in draft.related)]
    for named in draft.all(Role.ABSENT):
        pointer = named.mention.pointer
        if pointer and pointer.key[0] == draft.frame.base:
            named.is_used = True
            add_missing(draft, pointer.key, named.mention.start)
        elif named.mention.columns and not named.mention.tables:
            own = [key for key in named.mention.columns if key[0] == draft.frame.base]
            if len(own) != 1:
                raise NotUnderstood("which column is missing?")
            named.is_used = True
            add_missing(draft, own[0], named.mention.start)
    add_codes(draft, tables)
    add_not_yet(draft)
    add_unrated(draft)
    add_superiors(draft)
    add_comparisons(draft)
    add_values(draft)
    compare_periods(draft)
    add_events(draft)
    take_neighbours(draft)
    sort_rows(draft)
    draft.frame = _without_repeats(draft)
    offer_scope(draft)


def _without_repeats(draft: Draft) -> Frame:
    """ "the different unit prices": values that come once each."""
    words = draft.words
    asks = any(words.lower(place) in ("different", "distinct", "unique") for place in range(len(words)))
    return replace(draft.frame, distinct=asks and draft.frame.measure is None)


def _readings(draft: Draft, writer: FrameWriter) -> list[Reading]:
    combined = list(islice(_combinations(draft), MOST_READINGS))
    return [_reading(draft, options, writer) for options in combined]


def _combinations(draft: Draft) -> Iterator[tuple[Option, ...]]:
    yield from product(*draft.forks)


def _reading(draft: Draft, options: Sequence[Option], writer: FrameWriter) -> Reading:
    frame = replace(
        draft.frame,
        facts=(*draft.facts, *(fact for option in options for fact in option.facts)),
        related=tuple(related for _, related in draft.related),
    )
    meant = draft.alternatives[draft.taken : draft.taken + 1] if len(draft.alternatives) > 1 else []
    choices = (*meant, *(option.choice for option in options))
    tree: exp.Expr = holder_tree(draft.holder, frame, writer) if draft.holder else writer.frame(frame)
    tree = in_the_middle(writer.frame(frame)) if draft.is_median else tree
    joined = [assumed(join) for join in undeclared_joins(tree, draft.catalog)]
    return Reading(
        tree=tree,
        score=SURE,
        assumptions=tuple(dict.fromkeys([*draft.assumptions, *joined])),
        choices=choices,
        reasons=(Reason(f"grammar: {draft.rule}", 1.0),),
        explanation=_explained(draft, options),
    )


def _explained(draft: Draft, options: Sequence[Option]) -> str:
    chunks = sorted([*draft.chunks, *(option.chunk for option in options if option.chunk)])
    return " ".join([draft.noun, *(text for _, text in chunks)])
