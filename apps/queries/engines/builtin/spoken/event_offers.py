"""Open points of time: which date a time goes by, which period a vague word means, whether it holds for one event."""

from collections.abc import Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import ColumnEntry
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .dates import event_label
from .draft import Draft, Option, spelled
from .frame import Fact, Term
from .periods import Period
from .times import MONTHS, Time

ASKS_PERIOD = "Which time does “{phrase}” mean?"


def facts_of(period: Period, key: ColumnKey) -> tuple[Fact, ...]:
    """A period as conditions on a date column."""
    if period.month is not None:
        return (Fact(Term(key, "month", True), Operator.EQUAL, period.month),)
    low = [Fact(Term(key), Operator.AT_LEAST, period.low)] if period.low else []
    high = [Fact(Term(key), Operator.LESS, period.high)] if period.high else []
    return (*low, *high)


def offer_dates(draft: Draft, time: Time, dates: Sequence[ColumnEntry]) -> None:
    """A time that any of several dates of the same rows may go by."""
    phrase = draft.words.text(time.start, time.end)
    draft.forks.append(
        [
            Option(
                Choice(ChoiceField.TIME_RANGE, phrase, event_label(one), f"{phrase} by {spelled(one.key)}"),
                facts_of(time.period, one.key),
                (time.start - 1, event_label(one).lower()),
            )
            for one in dates
        ]
    )


def offer_ranges(draft: Draft, time: Time, key: ColumnKey) -> None:
    """Each period that a vague word may mean, told by its first and last day."""
    phrase = draft.words.text(time.core, time.end)
    draft.forks.append(
        [
            Option(
                Choice(ChoiceField.TIME_RANGE, phrase, label, f"{spelled(key)} {period.told()}", ASKS_PERIOD),
                facts_of(period, key),
                (len(draft.words), f"({label.lower()})"),
            )
            for label, period in time.ranges
        ]
    )


def offer_years(draft: Draft, time: Time, key: ColumnKey) -> None:
    """A month said without its year: the latest one, or that month of all years."""
    low = time.period.low
    if low is None:
        return
    name = MONTHS[low.month - 1].capitalize()
    phrase = draft.words.text(time.core, time.end)
    latest, every = f"{name} {low.year}", f"Every {name}"
    draft.forks.append(
        [
            Option(
                Choice(ChoiceField.TIME_RANGE, phrase, latest, f"only {latest}", ASKS_PERIOD),
                facts_of(time.period, key),
            ),
            Option(
                Choice(ChoiceField.TIME_RANGE, phrase, every, f"{name} of all years", ASKS_PERIOD),
                facts_of(Period(month=low.month), key),
            ),
        ]
    )


def offer_both(draft: Draft, time: Time, first: tuple[str, ColumnKey], second: tuple[str, ColumnKey]) -> None:
    """ "placed and shipped in May": both in that time, or only the second; each event by its word and its date."""
    phrase = draft.words.text(time.start, time.end)
    (word, key), (last_word, last) = first, second
    happened = (Fact(Term(key), Operator.NOT_NULL),) if draft.catalog.columns[key].column.nullable else ()
    late = facts_of(time.period, last)
    both = f"{spelled(key)} and {spelled(last)} {phrase}"
    only = f"{spelled(last)} {phrase}, {spelled(key)} at any time"
    every = Choice(ChoiceField.ATTACHMENT, phrase, f"Both {word} and {last_word}", both)
    one = Choice(ChoiceField.ATTACHMENT, phrase, f"Only {last_word}", only)
    draft.forks.append([Option(every, (*facts_of(time.period, key), *late)), Option(one, (*happened, *late))])
