"""Calendar units that a question asks for one row each of: "per month", "by year", "monthly"."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .times import UNITS
from .words import Words

_ANNUAL = {
    "monthly": "month",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "quarterly": "quarter",
    "weekly": "week",
    "daily": "day",
}


@dataclass(frozen=True, slots=True)
class UnitMark:
    """A stretch that asks for one row for each year, quarter, month, week or day."""

    start: int
    end: int
    unit: str
    as_number: bool = False


def find_unit(words: Words, names: Collection[str] = ()) -> UnitMark | None:
    """ "per month", "by year", "in each quarter", "monthly"; its words are taken, unless they stand in `names`."""
    for mark in _unit_marks(words):
        if words.is_free(mark.start, mark.end) and words.lower(mark.start) not in names:
            words.take(mark.start, mark.end)
            return mark
    return None


def _unit_marks(words: Words) -> Iterator[UnitMark]:
    for place in range(len(words)):
        said = words.lower(place)
        if said in _ANNUAL:
            yield UnitMark(place, place + 1, _ANNUAL[said])
        elif said in ("which", "what") and words.lower(place + 1) in UNITS:
            numbers = _numbers_after(words, place)
            yield UnitMark(place, place + 2, words.lower(place + 1), numbers is not None)
        elif said in ("per", "by", "each", "every") and not words.says(place, "by", "each"):
            after = place + 1 + (words.lower(place + 1) in ("calendar", "the"))
            if words.says(after, "day", "of", "the", "week"):
                yield UnitMark(place, after + 4, "weekday")
            if words.lower(after) in UNITS:
                yield UnitMark(place, after + 1, words.lower(after))

        elif said == "and" and words.lower(place + 1) in UNITS and _divides(words, place):
            yield UnitMark(place, place + 2, words.lower(place + 1))


def _divides(words: Words, end: int) -> bool:
    """Whether a "per" or "by" stands before a place."""
    return any(words.lower(place) in ("per", "by", "each") for place in range(end))


def _numbers_after(words: Words, place: int) -> tuple[int, int] | None:
    """ "(1 to 12)" anywhere after a place asks for the unit as a number; it is taken."""
    for start in range(place, len(words) - 4):
        if words.lower(start) == "(" and words.lower(start + 2) in ("to", "-") and words.lower(start + 4) == ")":
            words.take(start, start + 5)
            return start, start + 5
    return None
