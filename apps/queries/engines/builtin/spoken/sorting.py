"""Asking for an order of rows: "sorted by name", "ordered by score, highest first", "in alphabetical order"."""

from dataclasses import dataclass

from .words import Words

_SORTERS = frozenset(("sorted", "sort", "ordered", "order", "ranked", "rank", "arranged"))
_ENDS = (
    ("highest", "lowest"), ("largest", "smallest"), ("most", "least"), ("longest", "shortest"), ("best", "worst"),
)  # fmt: skip
_DOWN = (("descending",), ("desc",), ("decreasing",), *(("from", most, "to", least) for most, least in _ENDS))
_UP = (("ascending",), ("asc",), ("increasing",), *(("from", least, "to", most) for most, least in _ENDS))
_FIRST_DOWN = frozenset(("highest", "largest", "most", "newest", "latest", "biggest", "best"))
_FIRST_UP = frozenset(("lowest", "smallest", "oldest", "earliest", "cheapest", "least"))


@dataclass(frozen=True, slots=True)
class SortMark:
    """Where a wish for an order stands; what is sorted by begins at `by`, which is None for rows by their names."""

    start: int
    by: int | None
    descending: bool | None = None


def find_sort(words: Words) -> SortMark | None:
    """The wish for an order; its words are taken, but not the name that is sorted by."""
    for place in range(len(words)):
        if words.lower(place) == "alphabetically" or words.says(place, "in", "alphabetical", "order"):
            start = place - (words.lower(place - 1) in _SORTERS)
            words.take(start, place + (1 if words.lower(place) == "alphabetically" else 3))
            return SortMark(start, None, descending=False)
        if words.lower(place) not in _SORTERS:
            continue
        by = place + 1
        while words.lower(by) in ("the", "results", "result", "them", "it", "rows"):
            by += 1
        if words.lower(by) == "by":
            by += 1
            while words.lower(by) in ("the", "their", "its", "number", "of", "total", "count"):
                by += 1
            words.take(place, by)
            return SortMark(place, by, _direction(words, by))
        if words.lower(by) == "from" and (descending := _direction(words, by)) is not None:
            words.take(place, by)
            return SortMark(place, len(words), descending)
    return None


def _direction(words: Words, start: int) -> bool | None:
    """Whether what follows asks for the largest first; its words are taken."""
    for place in range(start, len(words)):
        for said in (*_DOWN, *_UP):
            if words.says(place, *said):
                first = place - (words.lower(place - 1) == "in")
                words.take(first, place + len(said) + (words.lower(place + len(said)) == "order"))
                return said in _DOWN
        if words.lower(place + 1) == "first" and words.lower(place) in _FIRST_DOWN | _FIRST_UP:
            words.take(place, place + 2)
            return words.lower(place) in _FIRST_DOWN
    return None
