"""`python -m bench.dialects PG_FOLDER SQLITE_FOLDER`: the same questions on PostgreSQL and on SQLite.

Each folder holds `questions.jsonl`; the first has `databases_pg/NAME.sql`, loaded into a throwaway server, the second
`databases/NAME/NAME.sqlite` with the same rows. Prints EX on both, and how many questions bring the same rows.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.common.errors import AppError
from apps.common.hosts import HostPolicy
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import check_sql
from apps.datasources.introspection import read_schema
from apps.datasources.schema import Schema
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from apps.queries.evaluation.compare import compare
from apps.queries.evaluation.folder import Example, open_folder, parse_example
from apps.queries.evaluation.headers import TODAY
from apps.queries.evaluation.ordering import is_ordered
from apps.queries.evaluation.sources import SqliteSource
from config.embedded.services import admin_url, ensure_running, remove

LIMITS = Limits(rows=100_000, timeout_seconds=10)
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Answer:
    """The best reading on one engine: its SQL, its rows (None where it fails) and what was wrong."""

    sql: str
    rows: Rows | None
    error: str = ""


class PostgresSource:
    """A database of the throwaway server, read as the product reads it."""

    def __init__(self, url: str, name: str) -> None:
        parts = conninfo_to_dict(url)
        host = str(parts["host"])
        self.address = SourceAddress(
            name, SourceKind.POSTGRES, host=host, port=int(parts.get("port") or 5432), database=name,
            user=str(parts["user"]), password=str(parts.get("password") or ""), hosts=HostPolicy.from_list([host]),
        )  # fmt: skip
        self.url = make_conninfo(url, dbname=name)

    @cached_property
    def schema(self) -> Schema:
        return read_schema(self.address)

    @cached_property
    def values(self) -> MemoryValueIndex:
        with psycopg.connect(self.url) as connection:
            return MemoryValueIndex(list(self._values(connection)))

    def _values(self, connection: "psycopg.Connection[Any]") -> Iterator[tuple[str, str, str]]:
        for table in self.schema:
            for column in table.columns:
                if not column.type.is_number:
                    name, source = sql.Identifier(column.name), sql.Identifier(table.name)
                    for (value,) in connection.execute(
                        sql.SQL("SELECT DISTINCT {}::text FROM {}").format(name, source)
                    ):
                        if value is not None:
                            yield table.full_name, column.name, value

    def answer(self, question: str) -> Answer:
        """The best reading, through the guard and the session."""
        text = best_sql(question, self.schema, self.values, "postgres")
        if text is None:
            return Answer("", None, "no reading")
        try:
            safe = check_sql(text, dialect="postgres", access=Access(self.schema))
            return Answer(text, [tuple(row) for row in execute(safe, self.address, limits=LIMITS).rows])
        except AppError as error:
            return Answer(text, None, error.message)

    def rows(self, text: str) -> Rows | None:
        """Rows of a trusted query, None where it fails."""
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                return connection.execute(text.encode()).fetchall()
        except psycopg.Error:
            return None


def best_sql(question: str, schema: Schema, values: MemoryValueIndex, dialect: str) -> str | None:
    """The likeliest reading as SQL."""
    readings = propose_readings(Context(question, schema, values, TODAY))
    return readings[0].tree.sql(dialect) if readings else None


def sqlite_answer(source: SqliteSource, question: str) -> Answer:
    """The best reading on SQLite."""
    text = best_sql(question, source.schema, source.values, "sqlite")
    if text is None:
        return Answer("", None, "no reading")
    try:
        return Answer(text, source.rows(text))
    except AppError as error:
        return Answer(text, None, error.message)


@contextmanager
def postgres_databases(folder: Path) -> Iterator[dict[str, PostgresSource]]:
    """Every database of the folder on a server that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="parley-dialects-", ignore_cleanup_errors=True) as place:
        ensure_running(Path(place), {"postgres"})
        try:
            url = admin_url(checkout=Path(place))
            yield {file.stem: _loaded(url, file) for file in sorted((folder / "databases_pg").glob("*.sql"))}
        finally:
            remove(Path(place))


def _loaded(url: str, file: Path) -> PostgresSource:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(file.stem)))
    source = PostgresSource(url, file.stem)
    with psycopg.connect(source.url) as connection:
        connection.execute(file.read_bytes())
        connection.execute("ANALYZE")
    return source


def is_right(rows: Rows | None, gold: Sequence[str], rows_of: Any) -> bool:
    """Whether the rows are those of one of the known queries."""
    known = ((text, rows_of(text)) for text in gold)
    return rows is not None and any(
        wanted is not None and compare(shortened(rows), shortened(wanted), ordered=is_ordered(text)).same
        for text, wanted in known
    )


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
    examples: Sequence[Example], folder: Path, databases: dict[str, PostgresSource], *, show: bool
) -> dict[str, float]:
    """EX on both engines and the share of questions with the same rows."""
    sqlite_folder = open_folder(folder)
    gold = {example.id: example.gold for example in sqlite_folder.examples()}
    files = {name: SqliteSource(sqlite_folder.database(name)) for name in databases}
    right = {"postgres": 0, "sqlite": 0}
    same = both = 0
    for example in examples:
        here, there = databases[example.db_id], files[example.db_id]
        one, other = here.answer(example.question), sqlite_answer(there, example.question)
        right["postgres"] += is_right(one.rows, example.gold, here.rows)
        right["sqlite"] += is_right(other.rows, gold[example.id], lambda text, source=there: _rows(source, text))
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


def _rows(source: SqliteSource, text: str) -> Rows | None:
    try:
        return source.rows(text)
    except AppError:
        return None


if __name__ == "__main__":
    main()
