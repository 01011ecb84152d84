"""`python -m bench.ambiguity CORPUS [OUT]`: figures by kind; OUT keeps the folder for `manage.py evaluate`."""

import argparse
import tempfile
from pathlib import Path

from .corpus import read_corpora
from .measuring import Measured, measure, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder of *.toml")
    parser.add_argument("out", type=Path, nargs="?", help="where to leave questions.jsonl and the databases")
    parser.add_argument("--missed", action="store_true", help="print each question that did not end as it should")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = measure(read_corpora(options.corpus), options.out or Path(scratch))
    for row in rows if options.missed else ():
        if not row.is_as_wished:
            print(_missed(row))
    print("\n".join(table(rows)))


def _missed(row: Measured) -> str:
    wanted = "ambiguous" if row.case.is_ambiguous else "clear"
    found = "" if row.outcome.readings_found is None else f", found {row.outcome.readings_found}"
    lines = [f"{row.case.id} {row.case.kind} {wanted}: {row.case.question}"]
    lines.append(f"   {row.outcome.status} {row.outcome.confidence:.2f}{found} {row.outcome.reason}")
    return "\n".join([*lines, *(f"   {sql}" for sql in row.outcome.readings[:3])])


if __name__ == "__main__":
    main()
