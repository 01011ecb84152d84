"""Puts the questions of a folder to an engine and compares the results with the known ones."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.queries.context import Context
from apps.queries.engines.builtin import triage

from .compare import Comparison, compare
from .deciding import Decision, decide, decide_without_rows
from .edited import edited_schema, says_the_same
from .folder import Example, Folder
from .headers import TODAY, expected_kind, headers_context
from .outcome import Outcome, Status
from .sources import SqliteSource
from .sqlite_file import QueryFailed

Rows = list[tuple[Any, ...]]
Engine = Callable[[Context], Sequence[Reading]]


class Evaluator:
    """Asks one engine the questions of one folder. Databases are opened once and only read."""

    def __init__(self, folder: Folder, engine: Engine, threshold: float) -> None:
        self._folder = folder
        self._engine = engine
        self._threshold = threshold
        self._source = lru_cache(maxsize=256)(lambda db_id: SqliteSource(folder.database(db_id)))

    def outcomes(self, examples: Sequence[Example]) -> Iterator[Outcome]:
        """One outcome for each question, in order."""
        for example in examples:
            if example.question_type is not None:
                yield self._triaged(example)
            elif example.schema_text:
                yield self._without_rows(example)
            else:
                yield self._answered(example)

    def _triaged(self, example: Example) -> Outcome:
        context = headers_context(example)
        started = time.perf_counter()
        found = triage(context)
        taken = (time.perf_counter() - started) * 1000
        return Outcome(
            example.id, example.db_id, Status.DECLINED, kind=str(found.kind),
            expected_kind=expected_kind(example.question_type or ""),
            correct=None, reason=found.reason, milliseconds=taken,
        )  # fmt: skip

    def _without_rows(self, example: Example) -> Outcome:
        """A question about a schema that is only described: readings are compared as plans."""
        source = self._source(example.db_id)
        schema = edited_schema(example.schema_text, source.schema)
        started = time.perf_counter()
        readings = self._engine(Context(example.question, schema, source.values, TODAY, example.history))
        taken = (time.perf_counter() - started) * 1000
        texts = tuple(reading.tree.sql("sqlite") for reading in readings)
        wanted = (*example.gold, *example.alternatives)
        found = all(any(says_the_same(text, one, schema) for text in texts) for one in wanted)
        right = bool(texts) and any(says_the_same(texts[0], one, schema) for one in wanted)
        return Outcome(
            example.id, example.db_id, decide_without_rows(readings, self._threshold), texts[0] if texts else "", texts,
            readings[0].score if readings else 0.0, correct=right, difficulty=example.difficulty,
            ambiguous=example.ambiguous,
            readings_found=found, milliseconds=taken,
        )  # fmt: skip

    def _answered(self, example: Example) -> Outcome:
        source = self._source(example.db_id)
        context = Context(example.question, source.schema, source.values, TODAY, example.history)
        started = time.perf_counter()
        try:
            readings = list(self._engine(context))
        except AppError as error:
            return Outcome(
                example.id, example.db_id, Status.FAILED, correct=False, reason=error.error_code,
                difficulty=example.difficulty, ambiguous=example.ambiguous,
            )  # fmt: skip
        taken = (time.perf_counter() - started) * 1000
        decision = decide(readings, schema=source.schema, file=source.path, threshold=self._threshold)
        texts = tuple(one.safe_sql.text for one in decision.probed)
        outcome = Outcome(
            example.id, example.db_id, decision.status, texts[0] if texts else "", texts,
            readings[0].score if readings else 0.0, difficulty=example.difficulty, ambiguous=example.ambiguous,
            milliseconds=taken, unexplained=readings[0].unexplained if readings else (),
        )  # fmt: skip
        return self._judged(outcome, example, source, decision)

    def _judged(self, outcome: Outcome, example: Example, source: SqliteSource, decision: Decision) -> Outcome:
        if not example.gold_ok or not example.gold:
            return outcome
        rows = [list(one.result.rows) if one.result is not None else None for one in decision.probed]
        accepted: tuple[str, ...] = example.gold
        if example.ambiguous:
            accepted = (*example.gold, *example.alternatives)
            meant = (
                [example.gold, *((text,) for text in example.alternatives)]
                if example.alternatives
                else [(one,) for one in accepted]
            )
            found = all(
                any(_best_comparison(source, texts, one, True).same for one in rows if one is not None)
                for texts in meant
            )
            outcome = replace(outcome, readings_found=found)
        verdict = _best_comparison(source, accepted, rows[0] if rows else None, bool(rows))
        return replace(outcome, correct=verdict.same, reason=verdict.reason)


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
