"""Words that call for a period and do not say which: "recently", "lately", "the trend of", "the last orders"."""

import datetime as dt
from collections.abc import Collection, Sequence

from .draft import Named, Role
from .periods import Period, earlier, period_of
from .times import Time
from .unit_marks import UnitMark
from .words import Words

_RECENT = (("recently",), ("lately",), ("of", "late"), ("recent",), ("these", "days"), ("in", "recent", "times"))
_TRENDS = (("trend",), ("trends",), ("trending",), ("over", "time"), ("development",), ("evolution",),
           ("develop",), ("developed",), ("evolved",))  # fmt: skip
_PARTS = frozenset(("days", "weeks", "months", "years"))
Ranges = tuple[tuple[str, Period], ...]


def open_ranges(words: Words, times: Sequence[Time], today: dt.date, rows: Collection[str]) -> list[Time]:
    """The one word that leaves the period open, if no period is said; such words are taken in any case.

    `rows` are lemmas that name rows: "the last orders" leaves open what "the last names" does not.
    """
    places = [place for place in range(len(words)) if words.is_free(place)]
    found = [one for place in places if (one := _of_late_at(words, place, today, rows))]
    found += [one for place in places if (one := _trend_at(words, place, today))]
    for time in found:
        words.take(time.start, time.end)
    return found[:1] if not times else []


def trend_unit(words: Words) -> UnitMark | None:
    """A trend is told month by month where no other step is said; its words stay free."""
    place = next((place for place in range(len(words)) if _said(words, place, _TRENDS)), None)
    return None if place is None else UnitMark(place, place, "month")


def count_what_is_told(named: Sequence[Named]) -> None:
    """The trend of orders is that of their number."""
    heads = [one for one in named if one.role in (Role.PLAIN, Role.LISTED)]
    if heads and heads[0].mention.tables and not any(one.role in (Role.COUNTED, Role.AGGREGATED) for one in named):
        heads[0].role = Role.COUNTED


def _of_late_at(words: Words, place: int, today: dt.date, rows: Collection[str]) -> Time | None:
    if length := _said(words, place, _RECENT):
        is_ranked = words.lower(place - 1) in ("most", "more") or words.number(place - 1) is not None
        return None if is_ranked else Time(place, place, place + length, Period(), ranges=_of_late(today))
    if words.lower(place) in ("last", "past") and _is_many(words, place + 1, rows):
        is_in = words.lower(place - 1) == "the" and words.lower(place - 2) in ("in", "over", "during")
        end = place + 1 + (words.lower(place + 1) in _PARTS)
        return Time(place - 2 * is_in, place, end, Period(), ranges=_of_late(today))
    return None


def _trend_at(words: Words, place: int, today: dt.date) -> Time | None:
    length = _said(words, place, _TRENDS)
    return Time(place, place, place + length, Period(), ranges=_of_a_trend(today)) if length else None


def _is_many(words: Words, place: int, rows: Collection[str]) -> bool:
    """Whether rows in the plural stand here: "the last orders", where "the last order" is one."""
    said = words.lower(place)
    return said in _PARTS or (said != words.lemma(place) and words.lemma(place) in rows)


def _said(words: Words, place: int, phrases: Sequence[tuple[str, ...]]) -> int:
    """How many words of a place say one of these phrases."""
    return max((len(one) for one in phrases if words.says(place, *one)), default=0)


def _of_late(today: dt.date) -> Ranges:
    tomorrow = today + dt.timedelta(days=1)
    return (
        ("Last 30 days", Period(earlier(today, "day", 30), tomorrow)),
        ("Last 12 months", Period(earlier(today, "month", 12), tomorrow)),
        (f"{today.year} so far", Period(dt.date(today.year, 1, 1), tomorrow)),
    )


def _of_a_trend(today: dt.date) -> Ranges:
    return (
        ("All time", Period()),
        (f"All of {today.year - 1}", period_of("year", today, -1)),
        (f"{today.year} so far", Period(dt.date(today.year, 1, 1), today + dt.timedelta(days=1))),
    )
