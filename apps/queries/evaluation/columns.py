"""Whether the columns of one result can be put into an order in which its rows are those of another. No Django here."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from .values import Row

Column = tuple[Hashable, ...]
LEAST_BUDGET = 5_000_000  # cells looked at; columns that differ in nothing but their pairing could take for ever
PASSES = 8


def can_be_matched(
    rows: Sequence[Row], wanted: Sequence[Row], places: Sequence[int], wanted_places: Sequence[int]
) -> bool:
    """Whether some order of the columns of `rows` puts every row among `wanted`, each at its place.

    `places` numbers for each row the group of rows in which it may stand: all 0 where order says nothing, each its own
    where it says everything, one for each run of ties in between. A row of `wanted` is used once; some may stay over.
    """
    if not rows:
        return True
    return _Search(list(zip(*rows, strict=True)), list(zip(*wanted, strict=True))).succeeds(places, wanted_places)


@dataclass
class _Search:
    """Takes wanted columns one by one, those with the fewest candidates first; rows are told apart by what is taken."""

    columns: list[Column]
    wanted: list[Column]
    budget: int = 0
    order: list[tuple[int, list[int]]] = field(default_factory=list)

    def succeeds(self, places: Sequence[int], wanted_places: Sequence[int]) -> bool:
        if _refined(places, places, wanted_places, wanted_places) is None:
            return False
        cells = len(self.columns) * (len(places) + len(wanted_places))
        self.budget = max(LEAST_BUDGET, PASSES * cells)
        candidates = [self._candidates(index, places, wanted_places) for index in range(len(self.wanted))]
        self.order = sorted(enumerate(candidates), key=lambda one: len(one[1]))
        return self._fits(0, frozenset(), places, wanted_places)

    def _candidates(self, index: int, places: Sequence[int], wanted_places: Sequence[int]) -> list[int]:
        """The columns that could be the wanted one, the one in its own position first."""
        found = [
            position
            for position, column in enumerate(self.columns)
            if _refined(places, column, wanted_places, self.wanted[index]) is not None
        ]
        return sorted(found, key=lambda position: position != index)

    def _fits(self, depth: int, used: frozenset[int], groups: Sequence[int], wanted_groups: Sequence[int]) -> bool:
        if depth == len(self.order):
            return True
        index, candidates = self.order[depth]
        tried: set[Column] = set()
        for position in candidates:
            column = self.columns[position]
            if position in used or column in tried:
                continue
            self.budget -= len(groups) + len(wanted_groups)
            if self.budget < 0:
                return False
            tried.add(column)
            refined = _refined(groups, column, wanted_groups, self.wanted[index])
            if refined is not None and self._fits(depth + 1, used | {position}, *refined):
                return True
        return False


def _refined(
    groups: Sequence[int], column: Sequence[Hashable], wanted_groups: Sequence[int], wanted: Sequence[Hashable]
) -> tuple[list[int], list[int]] | None:
    """Groups of rows told apart by one more column; None where a group has more rows than are wanted of it."""
    names: dict[tuple[int, Hashable], int] = {}
    wanted_refined = [names.setdefault(key, len(names)) for key in zip(wanted_groups, wanted, strict=True)]
    left = Counter(wanted_refined)
    refined = []
    for key in zip(groups, column, strict=True):
        name = names.get(key)
        if name is None or left[name] == 0:
            return None
        left[name] -= 1
        refined.append(name)
    return refined, wanted_refined
