"""The learned weights of the engine and their file."""

import gzip
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from .judging import Chance, PlanScorer
from .linear import Classifier, Scorer
from .shape import PARTS, Shape
from .trees import read_trees

THRESHOLD = 0.69  # the least confidence by these weights that is answered with
WEIGHTS_FILE = Path(__file__).with_name("weights.json.gz")
ROLES = ("select", "count", "sum", "avg", "min", "max", "order", "order_agg", "group", "having", "compare")


@dataclass(frozen=True)
class EngineModel:
    """All weights. `shapes` are log-frequencies of the outlines seen; `calibration` maps a ranking to a probability."""

    parts: dict[str, Classifier]
    shapes: dict[Shape, float]
    roles: Classifier
    choices: Scorer
    bindings: Scorer
    operators: Classifier
    tables: Classifier
    ranking: PlanScorer = field(default_factory=PlanScorer)
    calibration: Chance = field(default_factory=Chance)

    def as_json(self) -> dict[str, Any]:
        """Plain values, weights rounded to three digits."""
        return {
            "parts": {name: _classifier_json(one) for name, one in self.parts.items()},
            "shapes": [[*shape.parts(), round(weight, 3)] for shape, weight in self.shapes.items()],
            **{name: _classifier_json(getattr(self, name)) for name in ("roles", "operators", "tables")},
            **{name: _rounded(getattr(self, name).weights) for name in ("choices", "bindings")},
            "ranking": {
                "linear": _rounded(self.ranking.linear.weights),
                "trees": self.ranking.trees.as_json(),
                "scale": round(self.ranking.scale, 4),
            },
            "calibration": {
                "linear": _rounded(self.calibration.linear.weights),
                "trees": self.calibration.trees.as_json(),
            },
        }


@lru_cache(maxsize=1)
def default_model() -> EngineModel:
    """The weights that come with the engine."""
    return read_model(WEIGHTS_FILE)


def read_model(path: Path) -> EngineModel:
    """Read a file that `write_model` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        raw = json.load(file)
    return EngineModel(
        parts={name: _classifier(raw["parts"][name]) for name in PARTS},
        shapes={Shape(*row[:-1]): row[-1] for row in raw["shapes"]},
        roles=_classifier(raw["roles"]),
        choices=Scorer(raw["choices"]),
        bindings=Scorer(raw["bindings"]),
        operators=_classifier(raw["operators"]),
        tables=_classifier(raw["tables"]),
        ranking=PlanScorer(
            Scorer(raw["ranking"]["linear"]), read_trees(raw["ranking"]["trees"]), raw["ranking"]["scale"]
        ),
        calibration=Chance(Scorer(raw["calibration"]["linear"]), read_trees(raw["calibration"]["trees"])),
    )


def write_model(model: EngineModel, path: Path) -> None:
    """Write the weights so that the same model gives the same bytes."""
    text = json.dumps(model.as_json(), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def _classifier(raw: dict[str, Any]) -> Classifier:
    width = len(raw["classes"])
    weights = {name: _dense(row, width) for name, row in raw["weights"].items()}
    return Classifier(tuple(raw["classes"]), weights)


def _classifier_json(classifier: Classifier) -> dict[str, Any]:
    sparse = {name: _sparse(row) for name, row in classifier.weights.items()}
    return {"classes": list(classifier.classes), "weights": {name: row for name, row in sparse.items() if row}}


def _sparse(row: list[float]) -> list[float]:
    """Class, weight, class, weight …, without what rounds to nothing."""
    return [value for index, weight in enumerate(row) if abs(weight) >= 0.05 for value in (index, round(weight, 2))]


def _dense(pairs: list[float], width: int) -> list[float]:
    row = [0.0] * width
    for index, weight in zip(pairs[::2], pairs[1::2], strict=True):
        row[int(index)] = weight
    return row


def _rounded(weights: dict[str, float]) -> dict[str, float]:
    return {name: round(weight, 3) for name, weight in weights.items() if abs(weight) >= 0.02}
