"""Words that compare: "more than", "at least", "under"."""

from apps.queries.engines.builtin.plan import Operator

from .words import Words

_COMPARISONS: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("more", "than"), Operator.GREATER),
    (("over",), Operator.GREATER),
    (("above",), Operator.GREATER),
    (("greater", "than"), Operator.GREATER),
    (("higher", "than"), Operator.GREATER),
    (("exceeding",), Operator.GREATER),
    (("at", "least"), Operator.AT_LEAST),
    (("fewer", "than"), Operator.LESS),
    (("less", "than"), Operator.LESS),
    (("lower", "than"), Operator.LESS),
    (("under",), Operator.LESS),
    (("below",), Operator.LESS),
    (("at", "most"), Operator.AT_MOST),
    (("up", "to"), Operator.AT_MOST),
    (("exactly",), Operator.EQUAL),
    (("longer", "than"), Operator.GREATER),
    (("shorter", "than"), Operator.LESS),
    (("later", "than"), Operator.GREATER),
    (("earlier", "than"), Operator.LESS),
)


def comparison_before(words: Words, place: int) -> tuple[int, Operator] | None:
    """Where a comparison such as "more than" that ends right before a place begins, and what it means."""
    for said, operator in _COMPARISONS:
        start = place - len(said)
        if start >= 0 and words.says(start, *said):
            return start, operator
    return None


def comparison_at(words: Words, place: int) -> tuple[int, Operator] | None:
    """The end of a comparison that begins at a place, and what it means."""
    for said, operator in _COMPARISONS:
        if words.says(place, *said):
            return place + len(said), operator
    return None
