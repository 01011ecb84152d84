"""`python -m bench.dialogues [--open FOLDER] [--show]`: how many conversations are right throughout."""

import argparse
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

from apps.datasources.sample import write_sqlite
from apps.datasources.sample.layout import LAYOUT
from apps.datasources.schema import Schema
from apps.queries.evaluation.dialogues import Heard, hold, read_dialogues
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.sources import SqliteSource

TODAY = date(2026, 11, 21)  # the day that the questions were written for
DIALOGUES = Path(__file__).parent.parent / "tests" / "queries" / "dialogues"


class SampleFile(SqliteSource):
    """The small sample company, with the comments that its layout has."""

    @cached_property
    def schema(self) -> Schema:
        return Schema("sqlite", LAYOUT.tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=Path, help="a benchmark folder: hold those about its databases, the past given")
    parser.add_argument("--show", action="store_true", help="print the turns that went wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-dialogues-") as folder:
        held = list(_open(options.open) if options.open else _sample(Path(folder)))
    if options.show:
        for title, heard in held:
            _show(title, heard)
    print(json.dumps(figures([heard for _, heard in held])))


def _sample(folder: Path) -> Iterator[tuple[str, list[Heard]]]:
    database = SampleFile(folder / "sample.sqlite")
    write_sqlite(database.path)
    for one in read_dialogues(DIALOGUES / "sample.toml"):
        yield one.title, list(hold(one, database, TODAY))


def _open(folder: Path) -> Iterator[tuple[str, list[Heard]]]:
    databases = open_folder(folder)
    for one in [*read_dialogues(DIALOGUES / "others.toml"), *read_dialogues(DIALOGUES / "further.toml")]:
        yield one.title, list(hold(one, SqliteSource(databases.database(one.database)), TODAY, given=True))


def figures(held: list[list[Heard]]) -> dict[str, float]:
    """Shares of dialogues right throughout and of turns that are right."""
    turns = [one for heard in held for one in heard]
    return {
        "dialogues": len(held),
        "right": round(sum(all(one.right for one in heard) for heard in held) / len(held), 4),
        "turns": len(turns),
        "turns_right": round(sum(one.right for one in turns) / len(turns), 4),
    }


def _show(title: str, heard: list[Heard]) -> None:
    for place, one in enumerate(heard, start=1):
        if not one.right:
            print(f"{title}: {place}. {one.said.question}\n    {one.status}: {one.sql}")


if __name__ == "__main__":
    main()
