"""Times as people say them ("last quarter", "since March 2025") as half-open ranges of days."""

import datetime as dt
from dataclasses import dataclass, replace

from apps.knowledge.fiscal import fiscal_at
from apps.knowledge.tokens import TokenKind

from .periods import Period, earlier, month_of, months_later, one_day, period_of
from .words import Words

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_ORDINALS = {
    **{name: number for number, name in enumerate(("first", "second", "third", "fourth"), 1)},
    **{name: number for number, name in enumerate(("1st", "2nd", "3rd", "4th"), 1)},
    **{f"q{number}": number for number in range(1, 5)},
}
_PREPOSITIONS = frozenset(["in", "during", "on", "of", "for", "within", "throughout", "from", "over", "at"])
_FROM, _AFTER = frozenset(("since",)), frozenset(("after",))
_BEFORE, _UNTIL = frozenset(("before",)), frozenset(("until", "till", "through"))
_LAST = frozenset(("last", "previous", "past"))
UNITS = ("year", "quarter", "month", "week", "day", "weekday", "hour")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day that "last year" counts from, and the month in which fiscal years begin."""

    today: dt.date
    fiscal_year_start_month: int = 1


@dataclass(frozen=True, slots=True)
class Time:
    """A stretch of the question that names a period; `core` is where it begins without its preposition.

    `needs_year` is true of a month said without a year. `note` says how the words are taken where that is not plain.
    A word such as "recently" leaves the period open: `ranges` are those that it may mean, by name.
    """

    start: int
    core: int
    end: int
    period: Period
    needs_year: bool = False
    note: str = ""
    ranges: tuple[tuple[str, Period], ...] = ()


def find_times(words: Words, today: dt.date, fiscal_year_start_month: int = 1) -> list[Time]:
    """All times said, in the order of the question; their words are taken."""
    now = Calendar(today, fiscal_year_start_month)
    found: list[Time] = []
    place = 0
    while place < len(words):
        time = _range_at(words, place, now) or _bounded_at(words, place, now) or _plain_at(words, place, now)
        if time is None or not words.is_free(time.core, time.end):
            place += 1
            continue
        words.take(time.start, time.end)
        found.append(time)
        place = time.end
    return found


def _range_at(words: Words, place: int, now: Calendar) -> Time | None:
    """ "between X and Y", "from X to Y"."""
    joints = {"between": ("and",), "from": ("to", "until", "till", "through")}.get(words.lower(place), ())
    low = time_at(words, place + 1, now) if joints else None
    if low is None or words.lower(low.end) not in joints:
        return None
    high = time_at(words, low.end + 1, now)
    if high is None or low.period.low is None or high.period.high is None:
        return None
    start = low.period.low
    if low.needs_year and not high.needs_year:  # "from March to May 2025"
        start = start.replace(year=high.period.low.year) if high.period.low else start
    return Time(place, place, high.end, Period(start, high.period.high))


def _bounded_at(words: Words, place: int, now: Calendar) -> Time | None:
    said = words.lower(place)
    skip = 2 if words.says(place, "up", "to") or words.says(place, "prior", "to") else 1
    atom = time_at(words, place + skip, now)
    if atom is None:
        return None
    low, high = atom.period.low, atom.period.high
    if said in _FROM or (said == "from" and words.says(atom.end, "on")):
        return Time(place, place, atom.end + (words.says(atom.end, "on") and said == "from"), Period(low, None))
    if said in _AFTER:
        return Time(place, place, atom.end, Period(high, None))
    if said in _BEFORE or words.says(place, "prior", "to"):
        return Time(place, place, atom.end, Period(None, low))
    if said in _UNTIL or words.says(place, "up", "to"):
        return Time(place, place, atom.end, Period(None, high))
    return None


def _plain_at(words: Words, place: int, now: Calendar) -> Time | None:
    has_preposition = words.lower(place) in _PREPOSITIONS
    core = place + 1 if has_preposition else place
    while has_preposition and words.lower(core) in ("the", "year", "month"):
        core += 1
    atom = time_at(words, core, now)
    if atom is None or (not has_preposition and _is_bare_number(words, atom)):
        return None
    return replace(atom, start=place, core=core)


def _is_bare_number(words: Words, atom: Time) -> bool:
    """A year by itself is a number like any other."""
    return atom.end - atom.start == 1 and words.tokens[atom.start].kind is TokenKind.NUMBER


def time_at(words: Words, place: int, now: Calendar) -> Time | None:
    """The period that begins at a place, without a preposition."""
    while words.lower(place) == "the":
        place += 1
    for rule in (_fiscal, _iso, _day_of_month, _month, _quarter, _relative, _last_number, _year):
        time = rule(words, place, now)
        if time:
            return time
    return None


def _fiscal(words: Words, place: int, now: Calendar) -> Time | None:
    said = [words.lower(at) for at in range(place, place + 6)]
    found = fiscal_at(said, 0, now.today, now.fiscal_year_start_month)
    return (
        Time(place, place, place + found.length, Period(found.first, found.after), note=found.note) if found else None
    )


def _iso(words: Words, place: int, now: Calendar) -> Time | None:
    if place >= len(words) or words.tokens[place].kind is not TokenKind.DATE:
        return None
    try:
        day = dt.date.fromisoformat(words.tokens[place].text[:10])
    except ValueError:
        return None
    return Time(place, place, place + 1, one_day(day))


def _year_at(words: Words, place: int) -> int | None:
    if place >= len(words):
        return None
    number, text = words.number(place), words.tokens[place].text
    return int(number) if number is not None and text.isascii() and text.isdigit() and 1900 <= number <= 2100 else None


def _year(words: Words, place: int, now: Calendar) -> Time | None:
    year = _year_at(words, place)
    return Time(place, place, place + 1, Period(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))) if year else None


def _month_number(words: Words, place: int) -> int | None:
    said = words.lower(place)
    if said in MONTHS and (said != "may" or words.tokens[place].is_capitalized):
        return MONTHS.index(said) + 1
    short = [number for number, name in enumerate(MONTHS, 1) if said in (name[:3], name[:3] + ".", "sept")]
    return short[0] if len(short) == 1 and words.tokens[place].is_capitalized and said != "may" else None


def _month(words: Words, place: int, now: Calendar) -> Time | None:
    month = _month_number(words, place)
    if month is None:
        return None
    after = place + (2 if words.lower(place + 1) in (",", "of") else 1)
    year = _year_at(words, after)
    if year:
        return Time(place, place, after + 1, month_of(year, month))
    latest = now.today.year if month <= now.today.month else now.today.year - 1
    return Time(place, place, place + 1, month_of(latest, month), needs_year=True)


def _day_of_month(words: Words, place: int, now: Calendar) -> Time | None:
    """ "30 June 2025", "30th of June, 2025", "June 30, 2025"."""
    if (day := _day_number(words, place)) is not None:
        after = place + (2 if words.lower(place + 1) == "of" else 1)
        month = _month_number(words, after)
        after += 1
    else:
        month, day, after = _month_number(words, place), _day_number(words, place + 1), place + 2
    if month is None or day is None:
        return None
    after += words.lower(after) == ","
    year = _year_at(words, after)
    if year is None:
        return None
    try:
        return Time(place, place, after + 1, one_day(dt.date(year, month, day)))
    except ValueError:
        return None


def _day_number(words: Words, place: int) -> int | None:
    said = words.lower(place)
    digits = said[:-2] if said[-2:] in ("st", "nd", "rd", "th") else said
    is_short = len(digits) <= 2 and digits.isascii() and digits.isdigit()  # Python refuses to read thousands of digits
    return int(digits) if is_short and 1 <= int(digits) <= 31 else None


def _quarter(words: Words, place: int, now: Calendar) -> Time | None:
    """ "Q3 2025", "the third quarter of 2025", "the first half of 2025"."""
    number = _ORDINALS.get(words.lower(place))
    if number is None:
        return None
    is_short = words.lower(place).startswith("q")
    part = "quarter" if is_short else words.lower(place + 1)
    months = {"quarter": 3, "half": 6}.get(part)
    after = place + (1 if is_short else 2)
    after += words.lower(after) == "of"
    year = _year_at(words, after)
    if months is None or year is None or number * months > 12:
        return None
    first = dt.date(year, (number - 1) * months + 1, 1)
    return Time(place, place, after + 1, Period(first, months_later(first, months)))


def _relative(words: Words, place: int, now: Calendar) -> Time | None:
    said = words.lower(place)
    if said in ("today", "yesterday"):
        return Time(place, place, place + 1, one_day(now.today - dt.timedelta(days=said == "yesterday")))
    if words.says(place, "year", "to", "date") or words.says(place, "this", "year", "so", "far"):
        end = place + (3 if said == "year" else 4)
        return Time(place, place, end, Period(dt.date(now.today.year, 1, 1), now.today + dt.timedelta(days=1)))
    unit = words.lower(place + 1)
    if unit not in UNITS[:5] or said not in (*_LAST, "this", "current") or said == "past":
        return None
    steps = -1 if said in _LAST else 0
    return Time(place, place, place + 2, period_of(unit, now.today, steps))


def _last_number(words: Words, place: int, now: Calendar) -> Time | None:
    """ "the last 30 days", "past six months": up to and with now.today."""
    number, unit = words.number(place + 1), words.lemma(place + 2)
    if words.lower(place) not in _LAST or number is None or unit not in UNITS[:5] or not 0 < number < 1000:
        return None
    return Time(
        place, place, place + 3, Period(earlier(now.today, unit, int(number)), now.today + dt.timedelta(days=1))
    )
