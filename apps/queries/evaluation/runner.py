"""Puts the questions of a folder to an engine and compares the results with the known ones."""

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from apps.clarification.readings import Reading
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import THRESHOLD, triage

from .compare import Comparison, compare
from .folder import Example, Folder
from .outcome import Outcome, Status
from .sources import SqliteSource
from .sqlite_file import QueryFailed

TODAY = dt.date(2026, 1, 15)
PLAUSIBLE = 0.15
Rows = list[tuple[Any, ...]]
Engine = Callable[[Context], Sequence[Reading]]
_KINDS = {"unanswerable by sql": "not_in_data", "lack data": "not_in_data", "small talk": "small_talk"}


class Evaluator:
    """Asks one engine the questions of one folder. Databases are opened once and only read."""

    def __init__(self, folder: Folder, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._source = lru_cache(maxsize=256)(lambda db_id: SqliteSource(folder.database(db_id)))

    def outcomes(self, examples: Sequence[Example]) -> Iterator[Outcome]:
        """One outcome for each question, in order."""
        for example in examples:
            if example.question_type is not None:
                yield self._triaged(example)
            else:
                yield self._answered(example)

    def _triaged(self, example: Example) -> Outcome:
        context = Context(example.question, _schema_of_headers(example), MemoryValueIndex(()), TODAY)
        started = time.perf_counter()
        found = triage(context)
        taken = (time.perf_counter() - started) * 1000
        expected = _KINDS.get(example.question_type or "", example.question_type)
        return Outcome(
            example.id, example.db_id, Status.DECLINED, kind=str(found.kind), expected_kind=expected,
            correct=None, reason=found.reason, milliseconds=taken,
        )  # fmt: skip

    def _answered(self, example: Example) -> Outcome:
        source = self._source(example.db_id)
        context = Context(example.question, source.schema, source.values, TODAY, example.history)
        started = time.perf_counter()
        readings = list(self._engine(context))
        taken = (time.perf_counter() - started) * 1000
        texts = tuple(reading.tree.sql("sqlite") for reading in readings)
        results = [_rows_or_none(source, text) for text in texts]
        outcome = Outcome(
            example.id, example.db_id, choose(readings, results), texts[0] if texts else "", texts,
            readings[0].score if readings else 0.0, difficulty=example.difficulty, ambiguous=example.ambiguous,
            milliseconds=taken, unexplained=readings[0].unexplained if readings else (),
        )  # fmt: skip
        return self._judged(outcome, example, source, results)

    def _judged(self, outcome: Outcome, example: Example, source: SqliteSource, results: Sequence[Rows | None]) -> Outcome:
        if not example.gold_ok or not example.gold:
            return outcome
        verdict = _best_comparison(source, example.gold, results[0] if results else None, bool(results))
        return replace(outcome, correct=verdict.same, reason=verdict.reason)


def choose(readings: Sequence[Reading], results: Sequence[Rows | None]) -> Status:
    """The choice step as far as measuring needs it: answer what is sure, ask where two plausible readings differ."""
    if not readings:
        return Status.DECLINED
    if results[0] is None:
        return Status.FAILED
    if readings[0].score >= THRESHOLD:
        return Status.ANSWERED
    plausible = [result for reading, result in zip(readings, results, strict=True) if reading.score >= PLAUSIBLE]
    differing = [result for result in plausible[1:] if result is not None and result != results[0]]
    return Status.ASKED if readings[0].score >= PLAUSIBLE and differing and readings[0].choices else Status.DECLINED


def _best_comparison(source: SqliteSource, gold: Sequence[str], rows: Rows | None, proposed: bool) -> Comparison:
    """The comparison with the acceptable SQL that fits best."""
    if rows is None:
        return Comparison(False, "fails" if proposed else "no reading")
    comparisons = []
    for text in gold:
        try:
            wanted = source.rows(text)
        except QueryFailed:
            continue
        comparisons.append(compare(rows, wanted, ordered=is_ordered(text)))
    if not comparisons:
        return Comparison(False, "gold fails")
    return next((one for one in comparisons if one.same), comparisons[0])


def is_ordered(sql: str) -> bool:
    """Whether the outermost query orders its rows: an ORDER BY after the last closing parenthesis or set operation."""
    outer = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", sql))
    return bool(re.search(r"\border\s+by\b", outer, re.IGNORECASE))


def _rows_or_none(source: SqliteSource, sql: str) -> Rows | None:
    try:
        return source.rows(sql)
    except QueryFailed:
        return None


def _schema_of_headers(example: Example) -> Schema:
    """A schema of which only the names are known."""
    tables = tuple(
        Table(name, tuple(Column(column, ColumnType.OTHER) for column in columns)) for name, columns in example.tables.items()
    )
    return Schema("sqlite", tables)
