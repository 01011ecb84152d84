"""Two periods that a question sets against each other: "from 2024 to 2025", "2025 compared with 2024"."""

from dataclasses import dataclass

from .times import Calendar, Time, time_at
from .words import Words

_CHANGES = frozenset(
    "change changed grow grew grown growth increase increased decrease decreased develop developed rise rose fall fell "
    "drop dropped evolve evolved compare compared difference".split()
)
_AGAINST: tuple[tuple[str, ...], ...] = (
    ("compared", "with"), ("compared", "to"), ("in", "comparison", "to"), ("in", "comparison", "with"),
    ("versus",), ("vs",), ("vs.",), ("against",),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeriodPair:
    """The earlier and the later period, and the stretch that says both; the question's words are taken."""

    before: Time
    after: Time
    start: int


def find_pair(words: Words, now: Calendar) -> PeriodPair | None:
    """Two periods to compare, if the question does so."""
    changes = [place for place in range(len(words)) if words.lower(place) in _CHANGES]
    for place in range(len(words)):
        found = _from_to(words, place, now) if changes else None
        found = found or _against(words, place, now)
        if found:
            for change in changes:
                words.take(change, change + 1)
            return found
    return None


def _from_to(words: Words, place: int, now: Calendar) -> PeriodPair | None:
    joint = {"from": "to", "between": "and"}.get(words.lower(place))
    before = time_at(words, place + 1, now) if joint else None
    if before is None or words.lower(before.end) != joint:
        return None
    after = time_at(words, before.end + 1, now)
    return _pair(words, before, after, place) if after else None


def _against(words: Words, place: int, now: Calendar) -> PeriodPair | None:
    """ "2025 compared with 2024": the earlier one is the ground, whichever is said first."""
    said = next((one for one in _AGAINST if words.says(place, *one)), None)
    if said is None:
        return None
    second = place + len(said)
    second += words.lower(second) in ("in", "the")
    other = time_at(words, second, now)
    first = next((time for start in range(place) if (time := time_at(words, start, now)) and time.end == place), None)
    if other is None or first is None:
        return None
    start = first.start - (words.lower(first.start - 1) in ("in", "of", "for", "during"))
    words.take(place, second)
    return _pair(words, first, other, start)


def _pair(words: Words, first: Time, second: Time, start: int) -> PeriodPair | None:
    one, other = first.period.low, second.period.low
    if one is None or other is None or one == other:
        return None
    words.take(start, max(first.end, second.end))
    before, after = (first, second) if one < other else (second, first)
    return PeriodPair(before, after, start)
