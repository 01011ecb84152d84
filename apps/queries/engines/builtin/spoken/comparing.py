"""One measure in two periods, with its change: "how did sales grow from 2024 to 2025?"."""

from dataclasses import replace

from apps.queries.engines.builtin.plan import ColumnKey

from .dates import creation_date
from .draft import Draft, NotUnderstood
from .event_offers import facts_of
from .frame import Part
from .happenings import event_columns


def compare_periods(draft: Draft) -> None:
    """The frame's measure once for each of the two periods. Raises NotUnderstood where there is no measure or date."""
    pair, frame = draft.pair, draft.frame
    if pair is None:
        return
    if frame.measure is None or frame.limit or frame.average_per or frame.more or draft.times:
        raise NotUnderstood("compare what?")
    key = _date_of(draft)
    before, after = (Part(facts_of(one.period, key)) for one in (pair.before, pair.after))
    draft.frame = replace(frame, periods=(before, after), hide_measure=False)
    said = [draft.words.text(one.core, one.end) for one in (pair.before, pair.after)]
    draft.says(pair.start, f"in {said[0]} and in {said[1]}, and the change")


def _date_of(draft: Draft) -> ColumnKey:
    """The date that a verb names ("created"), else the one the table's rows begin with."""
    base = draft.frame.base
    for place in range(len(draft.words)):
        found = event_columns(draft.catalog, draft.words.lower(place), [base]) if draft.words.is_free(place) else []
        if found:
            draft.words.take(place, place + 1)
            return found[0]
    date = creation_date(draft.catalog, base)
    if date is None:
        raise NotUnderstood(f"{base} has no dates")
    draft.assumptions.append(f"The periods go by {base.rpartition('.')[2]}.{date.key[1]}.")
    return date.key
