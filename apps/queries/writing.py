"""Third step: the engine writes SQL for each way to read the question."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from apps.accounts.models import Measure
from apps.accounts.quotas import QuotaExceeded, require_room
from apps.clarification.choosing import narrow
from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.datasources.guard import UnsafeSql
from apps.llm.calls import CallRecord
from apps.queries.analyses import keep_readings, kept_answers, kept_readings
from apps.queries.context import Context
from apps.queries.engines import propose_readings
from apps.queries.engines.builtin.declining import declined
from apps.queries.models import Query, Stage
from apps.queries.outcomes import CannotAnswer
from apps.queries.planning import BUILTIN, MODEL, Plan
from apps.queries.recording import StepNote, journey_step
from apps.queries.understanding import Understanding, Waited

log = structlog.get_logger(__name__)
MODEL_SHARE = 0.8  # of the time that is left; the rest is for the built-in engine, should models fail, and for the SQL


class Notes(Protocol):
    """Where a step leaves what is worth keeping of it: the run's recorder, or nothing where nothing is kept."""

    @property
    def query(self) -> Query: ...

    def note(self, **fields: Any) -> None: ...

    def record_call(self, call: CallRecord) -> None: ...


@dataclass(frozen=True)
class Written:
    """The readings, by whom, and what went differently from the plan."""

    readings: tuple[Reading, ...]
    engine: str
    notes: tuple[str, ...] = field(default=())
    is_kept: bool = False  # from the same question, asked a moment ago


def _note(written: Written) -> StepNote:
    detail: dict[str, Any] = {
        "readings": [
            {"explanation": one.explanation, "score": round(one.score, 4), "reasons": _reasons(one)}
            for one in written.readings
        ],
        "notes": list(written.notes),
        "cached": written.is_kept,
    }
    did = "Took from the same question asked before" if written.is_kept else "Wrote"
    return StepNote(f"{did} {len(written.readings)} reading(s) with the {written.engine} engine.", detail)


def _reasons(reading: Reading) -> list[list[object]]:
    return [[reason.name, round(reason.weight, 3)] for reason in reading.reasons[:10]]


@journey_step(Stage.WRITING, agent="sql", kind="sql", note=_note)
def write_readings(understanding: Understanding, plan: Plan, recorder: Notes) -> Written:
    """The engine's readings; after a clarification those that waited, narrowed by the answer,
    or those of the question in the words of the answer.

    Raises: CannotAnswer if there is none.
    """
    recorder.note(engine=plan.engine, plan=list(plan.steps))
    waited = understanding.waited
    if waited is None:
        written = _analyzed(understanding, plan, recorder)
    elif waited.is_reworded_now:
        written = _read_anew(waited, _analyzed(understanding, plan, recorder))
    else:
        readings = narrow(waited.readings, waited.settled)
        written = Written(tuple(readings), readings[0].engine if readings else plan.engine)
    recorder.note(engine=written.engine)
    if not written.readings:
        message = declined(understanding.reading_context, why="no way to read all of it together.")
        raise CannotAnswer(message, code="no_reading")
    return written


def _read_anew(waited: Waited, written: Written) -> Written:
    """What was proposed for the new words, narrowed by what other answers have settled, as far as it still parts."""
    readings = narrow(written.readings, waited.settled) or written.readings
    note = f"You wrote “{waited.said}”; the question is read as “{waited.rewording}”."
    return replace(written, readings=_with_assumption(readings, note))


def _analyzed(understanding: Understanding, plan: Plan, recorder: Notes) -> Written:
    """The readings of the same question from a moment ago, where nothing changed that they depend on, or new ones."""
    if (kept := kept_readings(understanding, plan)) is not None:
        return Written(kept, plan.engine, is_kept=True)
    written = _proposed(understanding, plan, recorder)
    if written.engine == plan.engine and not written.notes:
        keep_readings(written.readings, understanding, plan)
    return written


def _proposed(understanding: Understanding, plan: Plan, recorder: Notes) -> Written:
    """What the planned engine proposes; the built-in engine's readings where every model failed."""
    context = understanding.reading_context
    if plan.engine == MODEL:
        seconds = MODEL_SHARE * understanding.seconds_left()
        try:
            require_room(recorder.query.payer, (Measure.TOKENS, Measure.COST))
            found = propose_readings(
                context, engine=MODEL, record_call=recorder.record_call, seconds=seconds,
                correlation_id=understanding.correlation_id, access=understanding.access, models=plan.models,
                kept=kept_answers(understanding),
            )  # fmt: skip
            return Written(tuple(found), MODEL)
        except QuotaExceeded:
            if understanding.options.get("engine") == MODEL:
                raise
            return _without_model(context, "The quota for models is used up. The built-in engine answered instead.")
        except UnsafeSql:  # no reason to answer by other means: the journey ends as refused
            raise
        except AppError as error:
            log.warning("model_engine_failed", code=error.error_code)
            note = f"The model could not be used ({error.message}) The built-in engine answered instead."
            return _without_model(context, note)
    return Written(tuple(propose_readings(context, engine=BUILTIN)), BUILTIN)


def _without_model(context: Context, note: str) -> Written:
    return Written(_with_assumption(propose_readings(context, engine=BUILTIN), note), BUILTIN, (note,))


def _with_assumption(readings: Sequence[Reading], text: str) -> tuple[Reading, ...]:
    return tuple(replace(one, assumptions=(*one.assumptions, text)) for one in readings)
