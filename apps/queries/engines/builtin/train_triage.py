"""Learns triage from headers: `python -m apps.queries.engines.builtin.train_triage FOLDER`.

Only questions about the development part of the databases are read (see evaluation/split.py).
"""

import gzip
import json
import sys
from pathlib import Path

from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.headers import expected_kind, headers_context
from apps.queries.evaluation.split import is_measure_only

from .analysis import analyze
from .training.fitting import fit_classifier
from .triage import WEIGHTS_FILE, triage_features

MIN_WEIGHT = 0.03


def main(folder: Path, target: Path = WEIGHTS_FILE) -> None:
    """Train on the development part and write the weights."""
    rows = [
        (triage_features(analyze(headers_context(example))), expected_kind(example.question_type))
        for example in open_folder(folder).examples()
        if example.question_type and not is_measure_only(example.db_id)
    ]
    model = fit_classifier(rows, epochs=10, l2=2e-3)
    kept = {
        name: [round(weight, 2) for weight in row]
        for name, row in model.weights.items()
        if max(map(abs, row)) >= MIN_WEIGHT
    }
    text = json.dumps(
        {"classes": model.classes, "weights": kept}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    target.write_bytes(gzip.compress(text.encode(), mtime=0))
    sys.stdout.write(f"{len(rows)} questions, {target.stat().st_size} bytes of weights\n")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:3]))
