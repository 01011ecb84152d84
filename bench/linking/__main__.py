"""`python -m bench.linking`: the curve over schema sizes; `--recall FOLDER`: names of known SQL that are linked."""

import argparse
from pathlib import Path

from . import curve, recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recall", type=Path, metavar="FOLDER", help="questions.jsonl beside databases/")
    parser.add_argument("--question-field", default="question")
    parser.add_argument("--part", choices=("development", "measure"), default="development")
    parser.add_argument("--missed", type=int, default=0, metavar="N", help="print N names that are not linked")
    options = parser.parse_args()
    if options.recall is None:
        curve.main()
        return
    tally = recall.measure(options.recall, options.question_field, measure_only=options.part == "measure")
    print(tally)
    if options.part == "development":  # single questions of the other part are for no one to see
        for one in tally.missed[:: max(1, len(tally.missed) // max(1, options.missed))][: options.missed]:
            print("  ", *one)


if __name__ == "__main__":
    main()
