"""Whole conversations held with the built-in engine as the platform holds them, turn by turn. No Django here."""

import sqlite3
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from apps.clarification.choosing import Policy, Probed, plausible
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import THRESHOLD, propose_readings, triage

from .deciding import decide
from .optional import agrees
from .ordering import is_ordered
from .outcome import Status
from .runner import TURNED_AWAY
from .sources import SqliteSource
from .sqlite_file import connect

EARLIER_TURNS = 5  # as the journey remembers


@dataclass(frozen=True)
class Said:
    """One turn: the words, what is to come of them, and the SQL that is right. `choose` answers what is asked back."""

    question: str
    status: str
    wanted: tuple[str, ...]
    choose: str = ""


@dataclass(frozen=True)
class Dialogue:
    """Turns that lean on one another, about the sample or the open `database` named."""

    title: str
    turns: tuple[Said, ...]
    database: str = ""


@dataclass(frozen=True)
class Heard:
    """What came of a turn; `right` judges status and rows together."""

    said: Said
    status: str
    sql: str
    right: bool


def read_dialogues(file: Path) -> list[Dialogue]:
    """The dialogues of a TOML file."""
    with file.open("rb") as text:
        rows = tomllib.load(text)["dialogue"]
    return [
        Dialogue(row["title"], tuple(_said(**turn) for turn in row["turns"]), row.get("database", "")) for row in rows
    ]


def _said(ask: str, sql: str | list[str] = "", status: str = "answered", choose: str = "") -> Said:
    wanted = (sql,) if isinstance(sql, str) else tuple(sql)
    return Said(ask, status, tuple(one for one in wanted if one), choose)


def hold(dialogue: Dialogue, database: SqliteSource, today: date, *, given: bool = False) -> Iterator[Heard]:
    """Say all turns in order. What was answered is remembered with the SQL that answered it, right or wrong.

    Where the past is `given`, every turn is remembered with the known SQL instead, as if somebody else had answered;
    the first one, which leans on nothing, is only remembered.
    """
    history: tuple[Turn, ...] = ()
    with closing(connect(database.path)) as connection:
        for place, said in enumerate(dialogue.turns):
            if given and place == 0:
                history = (Turn(said.question, said.wanted[0]),)
                continue
            context = Context(said.question, database.schema, database.values, today, history[-EARLIER_TURNS:])
            status, probed = _answered(context, database, said.choose)
            right = status == said.status and _is_right(probed, said, connection)
            yield Heard(said, status, probed.safe_sql.plain if probed else "", right)
            if given and said.wanted:
                history = (*history, Turn(said.question, said.wanted[0]))
            elif probed is not None and not given:
                history = (*history, Turn(said.question, probed.safe_sql.plain, probed.reading.assumptions))


def _answered(context: Context, database: SqliteSource, choose: str) -> tuple[str, Probed | None]:
    """What the platform does with a turn, and the reading that it ends up answering with."""
    kind = triage(context).kind
    if kind in TURNED_AWAY:
        return str(kind), None
    readings = propose_readings(context)
    decision = decide(plausible(readings) if readings else readings, database=database, policy=Policy(THRESHOLD))
    if decision.status is Status.ASKED:
        return str(decision.status), _chosen(decision.probed, choose)
    return str(decision.status), decision.best if decision.status is Status.ANSWERED else None


def _chosen(probed: Iterable[Probed], label: str) -> Probed | None:
    found = next((one for one in probed if any(choice.label == label for choice in one.reading.choices)), None)
    if found is None:
        return None
    stated = tuple(f"You chose “{one.label}” for “{one.phrase}”: {one.meaning}." for one in found.reading.choices)
    return replace(found, reading=replace(found.reading, assumptions=(*found.reading.assumptions, *stated)))


def _is_right(probed: Probed | None, said: Said, connection: sqlite3.Connection) -> bool:
    if not said.wanted:
        return probed is None
    if probed is None or probed.result is None:
        return False
    return any(_brings(probed.result.rows, gold, connection) for gold in said.wanted)


def _brings(rows: Sequence[tuple[object, ...]], gold: str, connection: sqlite3.Connection) -> bool:
    cursor = connection.execute(gold)
    names = [one[0] for one in cursor.description]
    return agrees(rows, names, cursor.fetchall(), ordered=is_ordered(gold))
