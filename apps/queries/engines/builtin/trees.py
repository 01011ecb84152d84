"""Boosted regression trees over named amounts: what a sum of weights cannot say, for example a cue that only matters
beside another. Plain Python reads them; `training/boosting.py` grows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Node = float | tuple[int, float, Any, Any]
"""A leaf's amount, or (feature's index, threshold, node where the amount is at most it, node where it is more)."""


@dataclass(frozen=True)
class Trees:
    """The sum of what each tree says; features that are not there count as 0."""

    features: tuple[str, ...] = ()
    trees: tuple[Node, ...] = field(default_factory=tuple)

    def score_values(self, amounts: Mapping[str, float]) -> float:
        """The sum over all trees for named amounts."""
        values = [amounts.get(name, 0.0) for name in self.features]
        total = 0.0
        for node in self.trees:
            while type(node) is tuple:
                node = node[2] if values[node[0]] <= node[1] else node[3]
            total += node  # type: ignore[operator]
        return total

    def as_json(self) -> dict[str, Any]:
        return {"features": list(self.features), "trees": list(self.trees)}


def read_trees(raw: dict[str, Any]) -> Trees:
    """Trees from what `as_json` gave, through JSON or not."""
    return Trees(tuple(raw["features"]), tuple(_node(one) for one in raw["trees"]))


def _node(raw: Any) -> Node:
    if isinstance(raw, int | float):
        return float(raw)
    feature, threshold, low, high = raw
    return (feature, threshold, _node(low), _node(high))
