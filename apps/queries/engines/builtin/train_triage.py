"""Learns triage from headers: `python -m apps.queries.engines.builtin.train_triage FOLDER`.

Only questions about the development part of the databases are read (see evaluation/split.py). Growing the trees needs
requirements/training.in.
"""

import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.headers import expected_kind, headers_context
from apps.queries.evaluation.split import is_measure_only

from .analysis import analyze
from .linear import Classifier
from .training.boosting import grow_chance
from .training.fitting import fit_classifier
from .triage import WEIGHTS_FILE, TriageModel
from .triage_features import triage_features

MIN_WEIGHT = 0.03


def main(folder: Path, target: Path = WEIGHTS_FILE) -> None:
    """Train on the development part and write the weights."""
    rows = [
        (triage_features(analyze(headers_context(example))), expected_kind(example.question_type))
        for example in open_folder(folder).examples()
        if example.question_type and not is_measure_only(example.db_id)
    ]
    text = json.dumps(trained(rows).as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    target.write_bytes(gzip.compress(text.encode(), mtime=0))
    sys.stdout.write(f"{len(rows)} questions, {target.stat().st_size} bytes of weights\n")


def trained(rows: Sequence[tuple[Sequence[str], str]]) -> TriageModel:
    """A linear model of all kinds, and trees that tell each kind from the others."""
    model = fit_classifier(rows, epochs=10, l2=2e-3)
    kept = {name: row for name, row in model.weights.items() if max(map(abs, row)) >= MIN_WEIGHT}
    amounts = [dict.fromkeys(features, 1.0) for features, _ in rows]
    trees = {
        kind: grow_chance([(one, label == kind) for one, (_, label) in zip(amounts, rows, strict=True)])
        for kind in model.classes
    }
    return TriageModel(Classifier(model.classes, kept), trees)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:3]))
