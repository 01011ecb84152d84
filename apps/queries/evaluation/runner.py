"""Puts the questions of a folder to an engine and compares the results with the known ones."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from apps.clarification.choosing import Policy
from apps.common.errors import InvalidInput
from apps.llm.privacy import PrivacyLevel
from apps.queries.context import Context
from apps.queries.engines.builtin import TriageKind, triage

from .asking import Asked, Engine, in_order, put
from .classes import class_of, difficulty_of
from .database import Database
from .deciding import decide, decide_without_rows
from .edited import edited_schema, says_the_same
from .folder import Example, Folder
from .headers import TODAY, expected_kind, headers_context
from .judging import judged
from .outcome import Outcome, Status
from .postgres_dump import PostgresDump
from .sources import SqliteSource

__all__ = ["Engine", "Evaluator", "concluded"]
NOT_LABELLED = "unknown"
TURNED_AWAY = (TriageKind.SMALL_TALK, TriageKind.CHANGE_REQUEST)


@dataclass(frozen=True)
class _Put:
    """One question on its way, in one of several runs."""

    example: Example
    run: int
    context: Context
    has_rows: bool = True


class Evaluator:
    """Asks one engine the questions of one folder. Databases are opened once and only read.

    PostgreSQL dumps are loaded into databases of their own on `server_url`, which `close` drops again. `privacy` bounds
    what models are told of the databases.
    """

    def __init__(
        self, folder: Folder, engine: Engine, threshold: float, *, runs: int = 1, threads: int = 1,
        server_url: str | None = None, privacy: PrivacyLevel = PrivacyLevel.SCHEMA,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._engine = engine
        self._server_url = server_url
        self._privacy = privacy
        self._loaded: list[PostgresDump] = []
        self._policy = Policy(threshold)
        self._runs = runs
        self._threads = threads
        self._source = lru_cache(maxsize=256)(self._opened)

    def outcomes(self, examples: Sequence[Example]) -> Iterator[Outcome]:
        """One outcome for each question, in order, then the same for each further run."""
        puts = (self._put(example, run) for run in range(1, self._runs + 1) for example in examples)
        for one, asked in in_order(self._ask, puts, self._threads):
            yield replace(self._outcome(one, asked), run=one.run, question=one.example.question)

    def close(self) -> None:
        """Let go of what was loaded for it."""
        while self._loaded:
            self._loaded.pop().close()

    def _opened(self, db_id: str) -> SqliteSource | PostgresDump:
        """A database of the folder. Raises InvalidInput, also where a dump has no server to be loaded into."""
        if self._folder.dumps is None:
            return SqliteSource(self._folder.database(db_id))
        if not self._server_url:
            raise InvalidInput("PostgreSQL dumps need a server that they may be loaded into: --server URL.")
        self._loaded.append(PostgresDump(self._folder.dump(db_id), self._server_url))
        return self._loaded[-1]

    def contexts(self, examples: Sequence[Example]) -> Iterator[Context]:
        """What the engine is told of each question."""
        return (self._put(example, 1).context for example in examples)

    def _put(self, example: Example, run: int) -> _Put:
        if example.question_type is not None and (example.tables or not self._folder.has_databases):
            return _Put(example, run, headers_context(example), has_rows=False)
        source = self._source(example.db_id)
        schema = edited_schema(example.schema_text, source.schema) if example.schema_text else source.schema
        context = Context(example.question, schema, source.values, TODAY, example.history, privacy=self._privacy)
        return _Put(example, run, context)

    def _ask(self, one: _Put) -> Asked | None:
        """The slow part; questions about headers alone, and those that the triage turns away, have none."""
        if one.example.question_type is not None and (not one.has_rows or triage(one.context).kind in TURNED_AWAY):
            return None
        return put(one.context, self._engine)

    def _outcome(self, one: _Put, asked: Asked | None) -> Outcome:
        if asked is None:
            return _triaged(one)
        if one.example.schema_text:
            return self._without_rows(one, asked)
        outcome = concluded(one.example, asked, self._source(one.example.db_id), self._policy)
        return _sorted(outcome, one) if one.example.question_type is not None else outcome

    def _without_rows(self, one: _Put, asked: Asked) -> Outcome:
        """A question about a schema that is only described: readings are compared as plans."""
        example, schema = one.example, one.context.schema
        texts = tuple(reading.tree.sql("sqlite") for reading in asked.readings)
        wanted = (*example.gold, *example.alternatives)
        return replace(
            _as_asked(example, asked, "sqlite"), status=decide_without_rows(asked.readings, self._policy.threshold),
            sql=texts[0] if texts else "", readings=texts,
            correct=bool(texts) and any(says_the_same(texts[0], one, schema) for one in wanted),
            readings_found=all(any(says_the_same(text, one, schema) for text in texts) for one in wanted),
        )  # fmt: skip


def concluded(example: Example, asked: Asked, database: Database, policy: Policy) -> Outcome:
    """What the platform would have done with these readings, and whether the best of them is right."""
    outcome = _as_asked(example, asked, database.schema.dialect)
    if asked.failure:
        return replace(outcome, status=Status.FAILED, correct=False, reason=asked.failure)
    decision = decide(asked.readings, database=database, policy=policy)
    texts = tuple(one.safe_sql.plain for one in decision.probed)
    outcome = replace(outcome, status=decision.status, sql=texts[0] if texts else "", readings=texts)
    return judged(outcome, example, decision, database)


def _as_asked(example: Example, asked: Asked, dialect: str) -> Outcome:
    """All of an outcome that is known before anything is run."""
    gold = example.gold[0] if example.gold else ""
    difficulty = example.difficulty
    if difficulty == NOT_LABELLED and gold:
        difficulty = str(difficulty_of(gold, dialect) or NOT_LABELLED)
    best = asked.readings[0] if asked.readings else None
    return Outcome(
        example.id, example.db_id, Status.DECLINED, confidence=best.score if best else 0.0,
        unexplained=best.unexplained if best else (), difficulty=difficulty, ambiguous=example.ambiguous,
        question=example.question,
        question_class=example.question_class or (str(class_of(gold, dialect)) if gold else ""),
        milliseconds=asked.milliseconds, cost_usd=asked.cost_usd, prompt_tokens=asked.prompt_tokens,
        completion_tokens=asked.completion_tokens,
    )  # fmt: skip


def _sorted(outcome: Outcome, one: _Put) -> Outcome:
    """The same with what kind of question it was taken for, by what was done with it."""
    by_status = {Status.ASKED: TriageKind.AMBIGUOUS, Status.ANSWERED: TriageKind.ANSWERABLE}
    kind = by_status.get(outcome.status) or triage(one.context).kind
    if kind is TriageKind.ANSWERABLE and outcome.status is Status.DECLINED:
        kind = TriageKind.NOT_IN_DATA
    return replace(outcome, kind=str(kind), expected_kind=expected_kind(one.example.question_type or ""))


def _triaged(one: _Put) -> Outcome:
    started = time.perf_counter()
    found = triage(one.context)
    taken = (time.perf_counter() - started) * 1000
    return Outcome(
        one.example.id, one.example.db_id, Status.DECLINED, kind=str(found.kind),
        expected_kind=expected_kind(one.example.question_type or ""),
        correct=None, reason=found.reason, milliseconds=taken,
    )  # fmt: skip
