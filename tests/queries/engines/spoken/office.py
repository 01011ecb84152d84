"""Office questions in files of titled cases: `# question` (or `# earlier question >> follow-up`), then the SQL that is
right, several parted by a line "or", or ASK or DECLINE. A column whose name begins with `opt_` may be left out."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from apps.clarification.choosing import Policy, plausible
from apps.datasources.sample import write_sqlite
from apps.datasources.sample.layout import LAYOUT
from apps.datasources.schema import Schema
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import THRESHOLD, propose_readings
from apps.queries.evaluation.deciding import Decision, decide
from apps.queries.evaluation.optional import agrees
from apps.queries.evaluation.ordering import is_ordered
from apps.queries.evaluation.outcome import Status
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.sqlite_file import connect, read_schema

from .trades import CASES, TODAY, TRADES, write_trade

WRONG = {"ASK": Status.ASKED, "DECLINE": Status.DECLINED}


@dataclass(frozen=True)
class Case:
    """One question about one company; every third is only measured on."""

    trade: str
    question: str
    earlier: str | None
    wanted: tuple[str, ...]
    held_out: bool


@dataclass(frozen=True)
class Verdict:
    """What came of a case; `right` judges the answer, or that none was given where none can be."""

    case: Case
    status: Status
    right: bool
    sql: str


class Company(SqliteSource):
    """One trade's file, opened once."""

    def __init__(self, trade: str, folder: Path) -> None:
        super().__init__(folder / f"{trade}.sqlite")
        if trade in TRADES:
            write_trade(trade, self.path)
        else:
            write_sqlite(self.path)
        self._is_sample = trade not in TRADES

    @cached_property
    def connection(self) -> sqlite3.Connection:
        """Another connection, for known SQL."""
        return connect(self.path)

    @cached_property
    def schema(self) -> Schema:
        return Schema("sqlite", LAYOUT.tables) if self._is_sample else read_schema(self.connection)

    def decide(self, question: str, history: Sequence[Turn] = ()) -> Decision:
        """What the platform would do with a question."""
        readings = propose_readings(Context(question, self.schema, self.values, TODAY, history))
        worth = plausible(readings) if readings else readings  # the journey looks at no others either
        return decide(worth, database=self, policy=Policy(THRESHOLD))

    def judge(self, case: Case) -> Verdict:
        """Ask one case and compare."""
        history: tuple[Turn, ...] = ()
        if case.earlier:
            before = self.decide(case.earlier)
            history = (Turn(case.earlier, before.probed[0].safe_sql.text if before.probed else None),)
        decision = self.decide(case.question, history)
        sql = decision.probed[0].safe_sql.text if decision.probed else ""
        if case.wanted[0] in WRONG:
            return Verdict(case, decision.status, decision.status is WRONG[case.wanted[0]], sql)
        found = decision.probed[0].result if decision.probed else None
        right = found is not None and any(self._agrees(list(found.rows), gold) for gold in case.wanted)
        return Verdict(case, decision.status, right, sql)

    def _agrees(self, rows: list[tuple[Any, ...]], gold: str) -> bool:
        cursor = self.connection.execute(gold)
        names = [one[0] for one in cursor.description]
        wanted = cursor.fetchall()
        return agrees(rows, names, wanted, ordered=is_ordered(gold))


def cases() -> list[Case]:
    """All cases, trade by trade."""
    return [
        Case(file.stem, *_question(title), tuple(one.strip() for one in sql.strip().split("\nor\n")), place % 3 == 2)
        for place, (file, title, sql) in enumerate(_blocks())
    ]


def _blocks() -> Iterator[tuple[Path, str, str]]:
    for file in sorted(CASES.glob("*.sql")):
        for block in file.read_text(encoding="utf-8").removeprefix("# ").split("\n# "):
            title, _, sql = block.partition("\n")
            yield file, title, sql


def _question(title: str) -> tuple[str, str | None]:
    earlier, _, question = title.rpartition(" >> ")
    return question, earlier or None
