"""Adjectives that rank or compare rows by a column they do not name: "oldest", "most expensive", "cheaper than"."""

from dataclasses import dataclass

from apps.knowledge.catalog import ColumnEntry, Kind
from apps.queries.engines.builtin.plan import Operator

from .dates import date_columns
from .draft import Draft, NotUnderstood
from .measures import is_measure
from .words import Words

_PRICES = ("price", "cost", "fee", "rate", "charge", "fare")
_PAID = ("salary", "wage", "income", "pay")
_LONG = ("duration", "length", "minute", "hour", "distance")
_LARGE = ("size", "area", "capacity", "population", "volume")
_NUMBERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "cheapest": (_PRICES, False),
    "priciest": (_PRICES, True),
    "costliest": (_PRICES, True),
    "heaviest": (("weight",), True),
    "lightest": (("weight",), False),
    "longest": (_LONG, True),
    "shortest": (_LONG, False),
    "largest": (_LARGE, True),
    "biggest": (_LARGE, True),
    "smallest": (_LARGE, False),
    "tallest": (("height",), True),
}
_PAIRS: dict[str, tuple[str, ...]] = {
    "expensive": _PRICES,
    "costly": _PRICES,
    "paid": _PAID,
    "rated": ("rating", "score"),
}
_UP = frozenset(("most", "highest", "best", "top"))
_DOWN = frozenset(("least", "lowest", "worst"))
_DATES = {"oldest": False, "youngest": True, "newest": True, "latest": True, "earliest": False, "recent": True}
_COMPARATIVES: dict[str, tuple[tuple[str, ...], Operator]] = {
    "cheaper": (_PRICES, Operator.LESS),
    "heavier": (("weight",), Operator.GREATER),
    "lighter": (("weight",), Operator.LESS),
    "taller": (("height",), Operator.GREATER),
    "pricier": (_PRICES, Operator.GREATER),
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The column that an adjective ranks by, which end it wants, and where its words begin."""

    column: ColumnEntry
    descending: bool
    start: int
    end: int


def ranking_before(draft: Draft, place: int, table: str) -> Ranking | None:
    """The superlative that ends right before a place, if the table has a column for it. Raises NotUnderstood."""
    words = draft.words
    last = words.lower(place - 1)
    before = words.lower(place - 2)
    columns = draft.catalog.tables[table].columns
    if last in _PAIRS and before in _UP | _DOWN:
        found = _number(columns, _PAIRS[last])
        return Ranking(found, before in _UP, place - 2, place) if found else None
    if last in _NUMBERS:
        wanted, descending = _NUMBERS[last]
        found = _number(columns, wanted)
        return Ranking(found, descending, place - 1, place) if found else None
    return _dated(draft, place, table)


def _dated(draft: Draft, place: int, table: str) -> Ranking | None:
    """ "oldest", "most recent", "most recently enrolled", "last": by the date of birth where there is one."""
    words = draft.words
    dates = date_columns(draft.catalog, table)
    said = words.lower(place - 1)
    start = place - 1
    if words.lower(place - 2) == "recently" and words.lower(place - 3) == "most":
        named = [one for one in dates if _is_named(one, said)]
        return Ranking(named[0], True, place - 3, place) if named else None
    if said == "recent":
        start -= words.lower(place - 2) == "most"
    if said not in _DATES or not dates or not words.is_free(start, place):
        return None
    births = [date for date in dates if {"birth", "born", "dob"} & set(date.words)]
    if births and said in ("oldest", "youngest"):
        return Ranking(births[0], said == "youngest", start, place)
    if said == "youngest":
        return None
    return Ranking(dates[0], _DATES[said], start, place)


def _is_named(date: ColumnEntry, verb: str) -> bool:
    return any(word[:4] == verb[:4] for word in date.words)


def comparative_at(words: Words, place: int) -> tuple[tuple[str, ...], Operator, int] | None:
    """The names that a comparative may mean, which way it compares, and where its words end."""
    end = place + 1
    if words.lower(place) in ("more", "less") and words.lower(end) in _PAIRS:
        operator = Operator.GREATER if words.lower(place) == "more" else Operator.LESS
        return (_PAIRS[words.lower(end)], operator, end + 2) if words.lower(end + 1) == "than" else None
    found = _COMPARATIVES.get(words.lower(place))
    return (*found, end + 1) if found and words.lower(end) == "than" else None


def column_for(draft: Draft, table: str, wanted: tuple[str, ...]) -> ColumnEntry | None:
    """The table's number that such an adjective speaks of. Raises NotUnderstood where there are several."""
    return _number(draft.catalog.tables[table].columns, wanted)


def _number(columns: tuple[ColumnEntry, ...], wanted: tuple[str, ...]) -> ColumnEntry | None:
    numbers = [column for column in columns if column.kind is Kind.NUMBER and is_measure(column)]
    for word in wanted:
        found = [column for column in numbers if word in column.words]
        if len(found) > 1:
            raise NotUnderstood(f"several columns are a {word}")
        if found:
            return found[0]
    return None
