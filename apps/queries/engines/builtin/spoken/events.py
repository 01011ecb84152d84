"""Verbs that name dates, and the times that go with them."""

from collections.abc import Sequence

from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .comparison_words import comparison_at
from .comparisons import event_compared
from .dates import CREATION_VERBS, DATE_WORDS, creation_date, date_columns, year_column
from .draft import Draft, NotUnderstood, spelled
from .event_offers import facts_of, offer_both, offer_dates, offer_ranges, offer_years
from .frame import Fact, Term
from .happenings import event_columns
from .paths import distance, path
from .roles import NEGATIONS
from .times import Time


def add_events(draft: Draft) -> None:
    """Verbs that name dates, with their times; then the times that stand alone."""
    _add_lags(draft)
    times = list(draft.times)
    for place in range(len(draft.words)):
        if not draft.words.is_free(place):
            continue
        key = _event_at(draft, place)
        if key is None:
            continue
        end = _take_event(draft, place, key)
        if both := _of_both(draft, place, end, key, times):
            times.remove(both)
            continue
        if compared := event_compared(draft, place, key):
            draft.add_facts(place, [compared], key[0])
            draft.says(place, draft.words.text(place, end) + " after or before its other date")
            continue
        time = next(
            (one for one in times if one.start > place and not _another_event(draft, place + 1, one.start)), None
        )
        if time is None and times and times[0].end <= place and not _another_event(draft, times[0].end, place):
            time = times[0]
        if time is None:
            _without_time(draft, place, key)
            continue
        times.remove(time)
        draft.says(place, draft.words.text(place, end))
        _add_time(draft, time, key)
        if len(draft.related) == 2 and len(times) == 1 and draft.related[0][1].table == draft.related[1][1].table:
            _add_time(draft, times.pop(), key)  # "but none in 2025" goes by the same date
    for time in times:
        _add_time(draft, time, None)


def _of_both(draft: Draft, place: int, end: int, key: ColumnKey, times: Sequence[Time]) -> Time | None:
    """The time right after two events that "and" joins, offered for both or for the second alone."""
    then = end + 1
    other = _event_at(draft, then) if draft.words.lower(end) == "and" and draft.words.is_free(then) else None
    if other is None or other == key or other[0] != key[0]:
        return None
    after = _end_of_event(draft, then, other)
    time = next((one for one in times if one.start == after and not one.ranges and not one.needs_year), None)
    if time is not None:
        draft.words.take(end, after)
        offer_both(draft, time, (draft.words.text(place, end), key), (draft.words.text(then, after), other))
        draft.says(place, draft.words.text(place, time.end))
    return time


def _take_event(draft: Draft, place: int, key: ColumnKey) -> int:
    """Take a verb with the small word that belongs to it ("signed up"); where it ends."""
    end = _end_of_event(draft, place, key)
    draft.words.take(place, end)
    return end


def _end_of_event(draft: Draft, place: int, key: ColumnKey) -> int:
    small = draft.words.lower(place + 1)
    is_part = small in DATE_WORDS and small in draft.catalog.columns[key].words[1:-1]
    return place + 1 + (is_part or small in ("up", "off", "out"))


def _event_at(draft: Draft, place: int) -> ColumnKey | None:
    """The date that the word at a place names, in the base or in related rows before it."""
    word = draft.words.lower(place)
    tables = [draft.frame.base, *(related.table for _, related in reversed(draft.related))]
    for table in tables:
        if found := event_columns(draft.catalog, word, [table]):
            return found[0]
        if (
            word in CREATION_VERBS
            and (date := creation_date(draft.catalog, table))
            and table == _active_table(draft, place)
        ):
            return date.key
    return None


def _active_table(draft: Draft, place: int) -> str:
    """Of which table's rows a verb speaks: related rows that stand near it if they have dates, else the base."""
    for start, related in draft.related:
        if abs(start - place) <= 6 and date_columns(draft.catalog, related.table):
            return related.table
    return draft.frame.base


def _another_event(draft: Draft, start: int, end: int) -> bool:
    return any(draft.words.is_free(place) and _event_at(draft, place) for place in range(start, end))


def _without_time(draft: Draft, place: int, key: ColumnKey) -> None:
    """An event by itself: it has happened, or with a negation it has not."""
    entry = draft.catalog.columns[key]
    if draft.words.lower(place) in CREATION_VERBS or not entry.column.nullable:
        return
    before = range(max(0, place - 3), place)
    denials = [
        index for index in before if draft.words.lower(index) in NEGATIONS or draft.words.lower(index).endswith("n't")
    ]
    negated = bool(denials)
    for index in denials:
        draft.words.take(index, index + 1)
    is_absent = any(related.negated and related.table == key[0] for _, related in draft.related)
    operator = Operator.IS_NULL if negated and not is_absent else Operator.NOT_NULL
    draft.add_facts(10_000, [Fact(Term(key), operator)], key[0])  # after all that is related
    draft.places[-1] = (place, draft.places[-1][1])
    draft.says(place, ("not " if operator is Operator.IS_NULL else "") + draft.words.text(place, place + 1))


def _add_time(draft: Draft, time: Time, key: ColumnKey | None) -> None:
    if key is None and _add_year(draft, time):
        return
    table = key[0] if key else _dated_table(draft, time.start)
    entry = draft.catalog.columns[key] if key else creation_date(draft.catalog, table)
    if entry is None:
        raise NotUnderstood(f"{table} has no dates")
    if not time.ranges:
        draft.says(time.start, draft.words.text(time.start, time.end))
    dates = date_columns(draft.catalog, table)
    if key is None and len(dates) > 1:
        if (
            not time.ranges
            and _counts_base(draft)
            and table == draft.frame.base
            and not draft.frame.groups
            and not draft.frame.hide_measure
        ):
            offer_dates(draft, time, [entry, *(one for one in dates if one is not entry)])
            return
        draft.assumptions.append(f"“{draft.words.text(time.start, time.end)}” goes by {spelled(entry.key)}.")
    if time.ranges:
        offer_ranges(draft, time, entry.key)
        return
    if time.needs_year and time.period.low:
        offer_years(draft, time, entry.key)
        return
    draft.add_facts(time.start, facts_of(time.period, entry.key), table)


def _add_year(draft: Draft, time: Time) -> bool:
    """Whole years against a number that is a year."""
    period = time.period
    bounds = [one for one in (period.low, period.high) if one]
    tables = [*(related.table for start, related in draft.related if start < time.start), draft.frame.base]
    year = next((found for table in reversed(tables) if (found := year_column(draft.catalog, table))), None)
    if year is None or period.month or any((one.month, one.day) != (1, 1) for one in bounds):
        return False
    low = [Fact(Term(year.key), Operator.AT_LEAST, period.low.year)] if period.low else []
    high = [Fact(Term(year.key), Operator.LESS, period.high.year)] if period.high else []
    facts = [*low, *high]
    if period.low and period.high and period.high.year == period.low.year + 1:
        facts = [Fact(Term(year.key), Operator.EQUAL, period.low.year)]
    draft.add_facts(time.start, facts, year.table)
    draft.says(time.start, draft.words.text(time.start, time.end))
    return True


def _counts_base(draft: Draft) -> bool:
    return draft.frame.measure is not None and draft.frame.measure.column is None


def _dated_table(draft: Draft, place: int) -> str:
    """The table whose dates a time without a verb goes by: related rows said before it, the base, or the nearest."""
    for start, related in reversed(draft.related):
        if start < place and date_columns(draft.catalog, related.table):
            return related.table
    if date_columns(draft.catalog, draft.frame.base):
        return draft.frame.base
    dated = [name for name in draft.catalog.tables if date_columns(draft.catalog, name)]
    near = min(dated, key=lambda name: _way_to(draft, name), default=None)
    if near is None or distance(draft.catalog, draft.frame.base, near) > 1:
        raise NotUnderstood("no date is near")
    return near


def _way_to(draft: Draft, table: str) -> tuple[float, int]:
    """How far a table lies, and how many steps go along keys that nobody declared."""
    steps = path(draft.catalog, draft.frame.base, table) or ()
    return distance(draft.catalog, draft.frame.base, table), sum(not step.declared for step in steps)


def _add_lags(draft: Draft) -> None:
    """ "delivered more than 20 days after they were ordered"."""
    words = draft.words
    for place in range(1, len(words) - 3):
        found = comparison_at(words, place)
        if (
            not found
            or words.number(found[0]) is None
            or words.lower(found[0] + 1) not in ("day", "days", "weeks", "week")
        ):
            continue
        later = _event_at(draft, place - 1) if words.is_free(place - 1) else None
        after = found[0] + 2
        if later is None or words.lower(after) not in ("after", "before"):
            continue
        end = after + 1
        while words.lower(end) in ("they", "it", "were", "was", "being", "had", "been", "the", "having"):
            end += 1
        other = event_columns(draft.catalog, words.lower(end), [later[0]])
        if not other:
            continue
        days = int(words.number(found[0]) or 0) * (7 if words.lower(found[0] + 1).startswith("week") else 1)
        if words.lower(after) == "before":
            raise NotUnderstood("a lag before an event")
        draft.add_facts(place, [Fact(Term(later), found[1], Term(other[0]), days)], later[0])
        draft.says(place - 1, words.text(place - 1, end + 1))
        words.take(place - 1, end + 1)
