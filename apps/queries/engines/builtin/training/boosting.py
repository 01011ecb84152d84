"""Grows the trees of `trees.py` with LightGBM, which only training needs (requirements/training.in)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..trees import Node, Trees

MINIMUM = 40
DIGITS = 4
_COMMON: dict[str, Any] = {
    "min_child_samples": MINIMUM, "subsample": 0.8, "subsample_freq": 1, "colsample_bytree": 0.3, "reg_lambda": 5.0,
    "random_state": 20260101, "n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
_RANKING: dict[str, Any] = {
    "objective": "lambdarank", "num_leaves": 15, "learning_rate": 0.08, "n_estimators": 160,
    "lambdarank_truncation_level": 5,
}  # fmt: skip
_CHANCE: dict[str, Any] = {"objective": "binary", "num_leaves": 8, "learning_rate": 0.05, "n_estimators": 160}
Amounts = Mapping[str, float]


def grow_ranking(choices: Sequence[tuple[Sequence[Amounts], set[int]]]) -> Trees:
    """Trees that put the right candidates of each list before the others."""
    from lightgbm import LGBMRanker

    lists = [(rows, right) for rows, right in choices if rows]
    rows = [row for candidates, _ in lists for row in candidates]
    labels = [int(place in right) for candidates, right in lists for place in range(len(candidates))]
    names = _names(rows, 3 * MINIMUM)
    model = LGBMRanker(**_COMMON, **_RANKING)
    model.fit(_matrix(rows, names), labels, group=[len(candidates) for candidates, _ in lists])
    return _exported(model.booster_, names)


def grow_chance(rows: Sequence[tuple[Amounts, bool]]) -> Trees:
    """Trees whose sum is the log-odds of being right."""
    from lightgbm import LGBMClassifier

    names = _names([row for row, _ in rows], MINIMUM)
    model = LGBMClassifier(**_COMMON, **_CHANCE)
    model.fit(_matrix([row for row, _ in rows], names), [int(right) for _, right in rows])
    return _exported(model.booster_, names)


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
