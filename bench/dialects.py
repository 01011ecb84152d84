"""`python -m bench.dialects PG_FOLDER SQLITE_FOLDER`: the same questions on PostgreSQL and on SQLite.

Each folder holds `questions.jsonl`; the first has `databases_pg/NAME.sql`, loaded into a throwaway server, the second
`databases/NAME/NAME.sqlite` with the same rows. Prints EX on both, and how many questions bring the same rows.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.common.errors import AppError
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from apps.queries.evaluation.compare import compare
from apps.queries.evaluation.folder import Example, open_folder, parse_example
from apps.queries.evaluation.headers import TODAY
from apps.queries.evaluation.ordering import is_ordered
from apps.queries.evaluation.postgres_dump import PostgresDump
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.sqlite_file import QueryFailed
from config.embedded.services import admin_url, ensure_running, remove

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Answer:
    """The best reading on one engine: its SQL, its rows (None where it fails) and what was wrong."""

    sql: str
    rows: Rows | None
    error: str = ""


def answer(database: PostgresDump | SqliteSource, question: str) -> Answer:
    """The best reading, through the guard and the session."""
    readings = propose_readings(Context(question, database.schema, database.values, TODAY))
    if not readings:
        return Answer("", None, "no reading")
    text = readings[0].tree.sql(database.schema.dialect)
    try:
        return Answer(text, list(database.run(database.check(text)).rows))
    except AppError as error:
        return Answer(text, None, error.message)


@contextmanager
def postgres_databases(folder: Path) -> Iterator[dict[str, PostgresDump]]:
    """Every database of the folder on a server that is removed in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="parley-dialects-", ignore_cleanup_errors=True) as place,
        ExitStack() as all_,
    ):
        ensure_running(Path(place), {"postgres"})
        all_.callback(remove, Path(place))
        url = admin_url(checkout=Path(place))
        files = sorted((folder / "databases_pg").glob("*.sql"))
        yield {file.stem: all_.enter_context(closing(PostgresDump(file, url))) for file in files}


def is_right(rows: Rows | None, gold: Sequence[str], database: PostgresDump | SqliteSource) -> bool:
    """Whether the rows are those of one of the known queries."""
    known = ((text, _known_rows(database, text)) for text in gold)
    return rows is not None and any(
        wanted is not None and compare(shortened(rows), shortened(wanted), ordered=is_ordered(text)).same
        for text, wanted in known
    )


def _known_rows(database: PostgresDump | SqliteSource, text: str) -> Rows | None:
    try:
        return database.known_rows(text)
    except QueryFailed:
        return None


def shortened(rows: Rows) -> Rows:
    """Numbers with a fraction to the seven digits that single precision has: PostgreSQL's `real` keeps no more."""
    return [tuple(float(f"{one:.7g}") if isinstance(one, float | Decimal) else one for one in row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("postgres", type=Path)
    parser.add_argument("sqlite", type=Path)
    parser.add_argument("--show", action="store_true", help="print what differs")
    options = parser.parse_args()
    lines = (options.postgres / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    on_postgres = [parse_example(json.loads(line), "question") for line in lines if line.strip()]
    with postgres_databases(options.postgres) as databases:
        print(json.dumps(measure(on_postgres, options.sqlite, databases, show=options.show)))


def measure(
    examples: Sequence[Example], folder: Path, databases: dict[str, PostgresDump], *, show: bool
) -> dict[str, float]:
    """EX on both engines and the share of questions with the same rows."""
    sqlite_folder = open_folder(folder)
    gold = {example.id: example.gold for example in sqlite_folder.examples()}
    files = {name: SqliteSource(sqlite_folder.database(name)) for name in databases}
    right = {"postgres": 0, "sqlite": 0}
    same = both = 0
    for example in examples:
        here, there = databases[example.db_id], files[example.db_id]
        one, other = answer(here, example.question), answer(there, example.question)
        right["postgres"] += is_right(one.rows, example.gold, here)
        right["sqlite"] += is_right(other.rows, gold[example.id], there)
        agrees = one.rows is not None and other.rows is not None and compare(one.rows, other.rows, ordered=False).same
        same += agrees or (one.sql == other.sql == "")
        both += bool(one.sql and other.sql)
        if show and not agrees and (one.sql or other.sql):
            print(f"{example.id} {example.question}\n  P {one.sql}\n    {one.error or one.rows}"[:900])
            print(f"  S {other.sql}\n    {other.error or other.rows}"[:900])
    count = len(examples)
    return {
        "n": count, "ex_postgres": round(right["postgres"] / count, 4), "ex_sqlite": round(right["sqlite"] / count, 4),
        "same_rows": round(same / count, 4), "read_on_both": round(both / count, 4),
    }  # fmt: skip


if __name__ == "__main__":
    main()
