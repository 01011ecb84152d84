"""Known answers that leave open which of their columns are shown: those whose names begin with `opt_`."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from .compare import Row, compare

OPTIONAL = "opt_"


def agrees(rows: Sequence[Row], names: Sequence[str], wanted: Sequence[Row], *, ordered: bool) -> bool:
    """Whether rows are the wanted ones, with all, some or none of the columns that may be left out."""
    return any(
        compare(list(rows), [tuple(row[place] for place in kept) for row in wanted], ordered=ordered).same
        for kept in _kept(names)
    )


def _kept(names: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Places of the columns that an answer may have: all that are needed, and any of the rest, but never one alone of
    several that are optional."""
    needed = [place for place, name in enumerate(names) if not name.startswith(OPTIONAL)]
    optional = [place for place, name in enumerate(names) if name.startswith(OPTIONAL)]
    for count in range(len(optional), -1, -1):
        for some in combinations(optional, count):
            if needed or len(some) > 1:
                yield tuple(sorted([*needed, *some]))
