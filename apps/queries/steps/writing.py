"""Third step: the engine writes SQL for each way to read the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from apps.clarification.choosing import narrow
from apps.clarification.readings import Reading, Reason
from apps.clarification.ruling import narrowed_by_rules
from apps.common.errors import AppError
from apps.datasources.guard import UnsafeSql
from apps.knowledge.reuse import Reuse
from apps.llm.errors import ModelError
from apps.monitoring.metrics import VERIFIED_REUSED
from apps.queries.agents.desk import Notes
from apps.queries.agents.planner import Agent
from apps.queries.context import Context
from apps.queries.engines import propose_readings, threshold_of
from apps.queries.engines.builtin.declining import declined
from apps.queries.engines.model import CORRECTIONS
from apps.queries.engines.model.budget import Budget
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.analyses import keep_readings, kept_readings
from apps.queries.steps.planning import BUILTIN, MODEL, Plan
from apps.queries.steps.understanding import Understanding, Waited

log = structlog.get_logger(__name__)
VERIFIED = "verified"
EXCHANGED_SCORE = 0.97  # of a verified query with other constants: nobody stood for these
MODEL_SHARE = 0.8  # of the time that is left; the rest is for the built-in engine, should models fail, and for the SQL


@dataclass(frozen=True)
class Written:
    """The readings, by whom, and what went differently from the plan."""

    readings: tuple[Reading, ...]
    engine: str
    notes: tuple[str, ...] = field(default=())
    is_kept: bool = False  # from the same question, asked a moment ago
    budget: Mapping[str, object] | None = None  # what the prompt came to, section by section


def _note(written: Written) -> StepNote:
    detail: dict[str, Any] = {
        "readings": [
            {"explanation": one.explanation, "score": round(one.score, 4), "reasons": _reasons(one)}
            for one in written.readings
        ],
        "notes": list(written.notes),
        "cached": written.is_kept,
        "budget": written.budget,
        "rules": sorted({rule.id for one in written.readings for rule in one.rules}),
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
    recorder.note(engine=plan.engine, plan=list(plan.agents))
    waited = understanding.waited
    if understanding.remembered.reuse is not None:
        return _verified(understanding.remembered.reuse, understanding, recorder)
    if waited is None:
        written = _analyzed(understanding, plan)
    elif waited.is_reworded_now:
        written = _read_anew(waited, _analyzed(understanding, plan))
    elif understanding.reading_context.failed or understanding.options.get("reads_anew"):
        written = _narrowed(waited, _analyzed(understanding, plan))
    else:
        readings = narrow(waited.readings, waited.settled)
        written = Written(tuple(readings), readings[0].engine if readings else plan.engine)
    ruled = narrowed_by_rules(written.readings, understanding.remembered.rules)
    written = replace(written, readings=tuple(ruled))
    recorder.note(engine=written.engine)
    if not written.readings:
        message = declined(understanding.reading_context, why="no way to read all of it together.")
        raise CannotAnswer(message, code="no_reading")
    return written


def _verified(reuse: Reuse, understanding: Understanding, recorder: Notes) -> Written:
    """What somebody stood for, without any engine."""
    recorder.note(engine=VERIFIED)
    VERIFIED_REUSED.labels("other constants" if reuse.swaps else "same words").inc()
    reading = Reading(
        tree=reuse.tree,
        score=EXCHANGED_SCORE if reuse.swaps else 1.0,
        assumptions=(reuse.words,),
        reasons=(Reason("verified", 1.0),),
        explanation=understanding.reading_context.question.strip().rstrip("?!. "),
        engine=VERIFIED,
    )
    return Written((reading,), VERIFIED, ("A verified query answers this; no engine was asked.",))


def _read_anew(waited: Waited, written: Written) -> Written:
    """What was proposed for the new words, narrowed by what other answers have settled, as far as it still parts."""
    written = _narrowed(waited, written)
    note = f"You wrote “{waited.said}”; the question is read as “{waited.rewording}”."
    return replace(written, readings=_with_assumptions(written.readings, (note,)))


def _narrowed(waited: Waited, written: Written) -> Written:
    """What was proposed anew, as far as it agrees with what other answers have settled, where any of it does."""
    return replace(written, readings=tuple(narrow(written.readings, waited.settled)) or written.readings)


def _analyzed(understanding: Understanding, plan: Plan) -> Written:
    """The readings of the same question from a moment ago, where nothing changed that they depend on, or new ones."""
    if (kept := kept_readings(understanding, plan)) is not None:
        return Written(kept, plan.engine, is_kept=True)
    written = _proposed(understanding, plan)
    if written.engine == plan.engine and not written.notes:
        keep_readings(written.readings, understanding, plan)
    return written


def _proposed(understanding: Understanding, plan: Plan) -> Written:
    """What the planned engine proposes; the built-in engine's readings where every model failed."""
    context = understanding.reading_context
    if plan.engine != MODEL or plan.desk is None:
        readings = propose_readings(context, engine=BUILTIN)
        return Written(_with_assumptions(readings, plan.notes), BUILTIN, plan.notes)
    desk, budgets = plan.desk, list[Budget]()
    try:
        if desk.gave_up is not None:
            raise desk.gave_up
        client = desk.client.within(MODEL_SHARE * understanding.seconds_left())
        told = replace(context, task=plan.task_of(Agent.SQL))
        found = propose_readings(
            told, engine=MODEL, access=understanding.access, models=desk.models, client=client, names=desk.names,
            note_budget=budgets.append,
        )  # fmt: skip
    except UnsafeSql:  # no reason to answer by other means: the journey ends as refused
        raise
    except AppError as error:
        log.warning("model_engine_failed", code=error.error_code)
        if isinstance(error, ModelError):
            desk.give_up(error)
        note = f"The model could not be used ({error.message}) The built-in engine answered instead."
        return _without_model(context, note)
    stated = tuple(dict.fromkeys(one.sentence for one in client.fallbacks))
    proposed = (*_with_assumptions(found, stated), *second_opinion(context)) if found else ()
    return Written(proposed, MODEL, budget=budgets[-1].as_json() if budgets else None)


def second_opinion(context: Context) -> list[Reading]:
    """What the built-in engine makes of the question, where it is certain of it, to be held against the model's.

    Certain is one reading that reaches the threshold, or the meanings of one understanding that reach it together:
    many guesses that add up are none.
    """
    found = [one for one in propose_readings(context, engine=BUILTIN) if not one.unexplained and not one.second_opinion]
    best = max(found, key=lambda one: one.score, default=None)
    if best is None:
        return []
    together = [one for one in found if one.is_shared] if best.is_shared else [best]
    if sum(one.score for one in together) < threshold_of(BUILTIN):
        return []
    return [replace(one, second_opinion=True) for one in together]


def _without_model(context: Context, note: str) -> Written:
    return Written(_with_assumptions(propose_readings(context, engine=BUILTIN), (note,)), BUILTIN, (note,))


def _with_assumptions(readings: Sequence[Reading], texts: Sequence[str]) -> tuple[Reading, ...]:
    return tuple(replace(one, assumptions=(*one.assumptions, *texts)) for one in readings)


def corrections_of(reading: Reading) -> int:
    """How often a model had to mend this reading's SQL."""
    return sum(round(-reason.weight) for reason in reading.reasons if reason.name == CORRECTIONS)
