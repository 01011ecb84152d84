"""What a question wants reckoned over an answer: a share, a ratio, a running total, growth from step to step."""

from dataclasses import dataclass
from enum import StrEnum

from .words import Words


class Over(StrEnum):
    """`PART_OF` is said after what is counted ("missed visits as a share of all visits")."""

    NOTHING = "nothing"
    SHARE = "share"
    PART_OF = "part of"
    RATIO = "ratio"
    RUNNING = "running"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Overlay:
    """Where it is said; `unit` is the calendar unit that growth goes by, if it names one."""

    kind: Over
    start: int = 0
    end: int = 0
    unit: str | None = None


NOTHING_OVER = Overlay(Over.NOTHING)
_SHARES = frozenset(("share", "percentage", "percent", "proportion", "fraction", "portion", "pct"))
_RUNNING = (("running", "total"), ("running", "sum"), ("cumulative", "total"), ("cumulative", "sum"), ("cumulative",))
_STEPS = {"month": "month", "year": "year", "quarter": "quarter", "week": "week", "day": "day"}
_GROWTH = frozenset(("growth", "change", "increase", "development"))


def find_overlay(words: Words) -> Overlay:
    """The first such wish; its words are taken, but not those that say of what."""
    for place in range(len(words)):
        found = _share_at(words, place) or _running_at(words, place) or _growth_at(words, place)
        if found:
            words.take(found.start, found.end)
            _take_what_it_explains(words, found.start)
            return found
    return NOTHING_OVER


def _take_what_it_explains(words: Words, start: int) -> None:
    """ "What is our churn rate: the share of …": the words before the colon only give it a name."""
    place = start - 1
    while words.lower(place) in ("the", "a"):
        place -= 1
    if words.lower(place) == ":" or (words.lower(place) == "," and words.lower(place - 1) in ("e", "i.e", "i.e.")):
        words.take(0, place + 1)


def _share_at(words: Words, place: int) -> Overlay | None:
    said = words.lower(place)
    if said == "ratio" and words.lower(place + 1) == "of":
        return Overlay(Over.RATIO, place, place + 2)
    if said not in _SHARES or words.lower(place + 1) != "of":
        return None
    if words.lower(place - 1) in ("a", "the") and words.lower(place - 2) == "as":
        end = place + 2
        while words.lower(end) in ("all", "the", "total"):
            end += 1
        return Overlay(Over.PART_OF, place - 2, end)
    return Overlay(Over.SHARE, place, place + 2)


def _running_at(words: Words, place: int) -> Overlay | None:
    for said in _RUNNING:
        if words.says(place, *said):
            end = place + len(said)
            return Overlay(Over.RUNNING, place, end + (words.lower(end) == "of"))
    return None


def _growth_at(words: Words, place: int) -> Overlay | None:
    """ "month over month growth of", "growth month over month", "year-over-year growth"."""
    step = words.lower(place).split("-")
    if len(step) == 3 and step[0] == step[2] and step[1] in ("over", "on"):
        unit, end = step[0], place + 1
    elif words.lower(place + 1) in ("over", "on", "to") and words.lower(place) == words.lower(place + 2):
        unit, end = words.lower(place), place + 3
    else:
        return None
    if unit not in _STEPS:
        return None
    start = place
    if words.lower(end) in _GROWTH:
        end += 1
    elif words.lower(start - 1) in _GROWTH:
        start -= 1
    return Overlay(Over.GROWTH, start, end + (words.lower(end) in ("of", "in")), unit)
