"""How long something takes: from which of the dates before it is an open point."""

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import ColumnEntry
from apps.queries.engines.builtin.plan import Aggregate

from .dates import date_columns, event_label
from .draft import Draft, spelled
from .frame import Frame, Measure, Sign, Term
from .happenings import event_columns
from .relations import relate
from .words import Words

_TAKES = frozenset(("take", "takes", "took", "last", "lasts", "lasted"))
_USUALLY = frozenset(("average", "usually", "typically", "normally"))


def lasting(draft: Draft) -> bool:
    """ "How long does a delivery take on average?": days from an earlier date of the same row."""
    words = draft.words
    asked = _asked(words)
    takes = next((place for place in range(len(words)) if words.lower(place) in _TAKES), None)
    if asked is None or takes is None:
        return False
    found = next((one for place in range(asked, len(words)) if (one := _event(draft, place))), None)
    if found is None:
        return False
    place, end, starts = found
    words.take(0, asked)
    for at in (place, takes):
        words.take(at, at + 1)
    draft.named = [one for one in draft.named if one.mention.start != place]
    if not words.take_any(*_USUALLY):
        draft.assumptions.append("The average over all is shown.")
    draft.alternatives = [_choice(words.text(place, place + 1), end, start) for start in starts]
    start = starts[min(draft.taken, len(starts) - 1)]
    term = Term(end.key, sign=Sign.DAYS, other=start.key)
    draft.frame = Frame(end.table, measure=Measure(Aggregate.AVG, term))
    draft.noun = f"Average days from {event_label(start).lower()} to {event_label(end).lower()}"
    relate(draft, [])
    return True


def _asked(words: Words) -> int | None:
    """Where "how long" or "how many days" ends, at the beginning of the question."""
    if words.says(0, "how", "long"):
        return 2
    return 3 if words.says(0, "how", "many", "days") else None


def _event(draft: Draft, place: int) -> tuple[int, ColumnEntry, list[ColumnEntry]] | None:
    """A word that names a date of rows that have earlier ones, the nearest of those first."""
    words = draft.words
    if len(words.lower(place)) < len("pay") or words.lower(place) in _TAKES:
        return None
    for key in event_columns(draft.catalog, words.lower(place)):
        dates = date_columns(draft.catalog, key[0])
        at = next(index for index, one in enumerate(dates) if one.key == key)
        if at > 0:
            return place, dates[at], dates[:at][::-1]
    return None


def _choice(phrase: str, end: ColumnEntry, start: ColumnEntry) -> Choice:
    meaning = f"mean days from {spelled(start.key)} to {spelled(end.key)}"
    label, asks = f"From {event_label(start).lower()}", "From when should “{phrase}” be counted?"
    return Choice(ChoiceField.CALCULATION, phrase, label, meaning, asks)
