"""Grows the trees of `trees.py` with LightGBM, which only training needs (requirements/training.in)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..trees import Node, Trees

MINIMUM = 40
DIGITS = 4
_COMMON: dict[str, Any] = {
    "min_data_in_leaf": MINIMUM, "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.3, "lambda_l2": 5.0,
    "seed": 20260101, "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip
_RANKING: dict[str, Any] = {
    "objective": "lambdarank", "num_leaves": 15, "learning_rate": 0.08, "num_iterations": 160,
    "lambdarank_truncation_level": 5,
}  # fmt: skip
_CHANCE: dict[str, Any] = {"objective": "binary", "num_leaves": 8, "learning_rate": 0.05, "num_iterations": 160}
Amounts = Mapping[str, float]


def grow_ranking(choices: Sequence[tuple[Sequence[Amounts], set[int]]]) -> Trees:
    """Trees that put the right candidates of each list before the others."""
    lists = [(rows, right) for rows, right in choices if rows]
    rows = [row for candidates, _ in lists for row in candidates]
    labels = [int(place in right) for candidates, right in lists for place in range(len(candidates))]
    return _grown(rows, labels, _RANKING, 3 * MINIMUM, group=[len(candidates) for candidates, _ in lists])


def grow_chance(rows: Sequence[tuple[Amounts, bool]]) -> Trees:
    """Trees whose sum is the log-odds of being right."""
    return _grown([row for row, _ in rows], [int(right) for _, right in rows], _CHANCE, MINIMUM)


def _grown(
    rows: Sequence[Amounts],
    labels: Sequence[int],
    settings: Mapping[str, Any],
    minimum: int,
    group: Sequence[int] | None = None,
) -> Trees:
    import lightgbm

    names = _names(rows, minimum)
    data = lightgbm.Dataset(_matrix(rows, names), label=labels, group=group)
    return _exported(lightgbm.train({**_COMMON, **settings}, data), names)


def _names(rows: Sequence[Amounts], minimum: int) -> list[str]:
    counts = Counter(name for row in rows for name, amount in row.items() if amount)
    return sorted(name for name, count in counts.items() if count >= minimum)


def _matrix(rows: Sequence[Amounts], names: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    index = {name: place for place, name in enumerate(names)}
    cells = [
        (line, index[name], amount)
        for line, row in enumerate(rows)
        for name, amount in row.items()
        if amount and name in index
    ]
    lines, columns, amounts = zip(*cells, strict=True)
    return csr_matrix((amounts, (lines, columns)), shape=(len(rows), len(names)), dtype="float64")


def _exported(booster: Any, names: Sequence[str]) -> Trees:
    """The booster's trees without LightGBM, over the features that they use."""
    dumped = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    used: dict[str, int] = {}
    nodes = tuple(_exported_node(tree, names, used) for tree in dumped)
    return Trees(tuple(used), nodes)


def _exported_node(raw: Mapping[str, Any], names: Sequence[str], used: dict[str, int]) -> Node:
    if "leaf_value" in raw:
        return round(float(raw["leaf_value"]), DIGITS)
    place = used.setdefault(names[raw["split_feature"]], len(used))
    low = _exported_node(raw["left_child"], names, used)
    return (place, round(float(raw["threshold"]), 6), low, _exported_node(raw["right_child"], names, used))
