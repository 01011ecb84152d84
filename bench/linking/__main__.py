"""`python -m bench.linking`: the curve over schema sizes, and the whole engine on such schemas.

`--recall FOLDER`: names of known SQL that are linked; `--joins FOLDER`: joins inferred with declared keys hidden;
`--values`: the index of stored values, which needs our own database.
"""

import argparse
from pathlib import Path

from . import curve, engine, joins, recall, values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recall", type=Path, metavar="FOLDER", help="questions.jsonl beside databases/")
    parser.add_argument("--joins", type=Path, metavar="FOLDER")
    parser.add_argument("--values", action="store_true", help="under `python -m config.embedded with`")
    parser.add_argument("--question-field", default="question")
    parser.add_argument("--part", choices=("all", "development", "measure"), default="development")
    parser.add_argument("--missed", type=int, default=0, metavar="N", help="print N names that are not linked")
    options = parser.parse_args()
    if options.recall and options.part == "all":
        parser.error("--recall measures one part")
    if options.values:
        values.main()
    elif options.joins:
        print(joins.measure(options.joins, part=options.part))
    elif options.recall:
        _print_recall(options)
    else:
        curve.main()
        engine.main(curve.SIZES)


def _print_recall(options: argparse.Namespace) -> None:
    """One line; of the development part also some of what is missed."""
    tally = recall.measure(options.recall, options.question_field, measure_only=options.part == "measure")
    print(tally)
    if options.part == "development":  # single questions of the other part are for no one to see
        for one in tally.missed[:: max(1, len(tally.missed) // max(1, options.missed))][: options.missed]:
            print("  ", *one)


if __name__ == "__main__":
    main()
