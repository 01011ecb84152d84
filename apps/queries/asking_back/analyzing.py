"""What Parley would do with a question, without doing it: which readings there are and what would be asked back.

The steps are the journey's own. Nothing is kept of it but its charge and a line in the audit log, as previews run SQL.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.audit import record_audit
from apps.accounts.models import Measure
from apps.accounts.principal import Principal
from apps.accounts.quotas import charge
from apps.clarification.choosing import Ask, Chosen, Probed
from apps.clarification.presentation import asked_json, preview_json
from apps.clarification.previews import preview_of
from apps.common.errors import AppError
from apps.common.ids import uuid7
from apps.datasources.guard import UnsafeSql
from apps.queries.models import Query
from apps.queries.outcomes import CannotAnswer, Refused
from apps.queries.services import Request
from apps.queries.steps.checking import check_readings, choose
from apps.queries.steps.planning import BUILTIN, make_plan
from apps.queries.steps.probing import probe
from apps.queries.steps.understanding import asks_in, understand
from apps.queries.steps.writing import write_readings


@dataclass(frozen=True)
class Analysis:
    """What would come of a question: `choice`, or why there would be no answer; and the readings that were compared."""

    question: str
    source: str
    asking_is_on: bool
    probed: Sequence[Probed] = ()
    choice: Ask | Chosen | None = None
    problem: AppError | None = None

    @property
    def outcome(self) -> str:
        if isinstance(self.choice, Ask):
            return "clarification"
        if self.choice is not None:
            return "answer"
        return "refused" if isinstance(self.problem, Refused | UnsafeSql) else "cannot_answer"


@dataclass
class _Unrecorded:
    """Stands where a run's recorder does: the built-in engine makes no calls, and of notes nothing is kept."""

    query: Query
    noted: dict[str, Any] = field(default_factory=dict)

    def note(self, **fields: Any) -> None:
        self.noted.update(fields)

    def record_call(self, call: object) -> None:
        raise NotImplementedError("An analysis makes no model calls.")


def analyze_question(*, principal: Principal, request: Request) -> Analysis:
    """Read the question with the built-in engine, look at the readings' rows under the probes' budget, and decide.

    Models take minutes, so they are not asked here; the built-in engine is where their ambiguities come from as well.

    Raises: QuotaExceeded if no question is left, AppError where the data source cannot be used.
    """
    query = Query(
        organization=principal.organization, user=principal.user, api_key=principal.api_key,
        data_source=request.data_source, conversation=request.conversation, question=request.question,
        options={"engine": BUILTIN, "enable_charts": False},
    )  # fmt: skip
    charge(query.payer, Measure.QUESTIONS, 1, reference=f"analysis:{uuid7()}")
    found = _analyzed(query)
    record_audit(
        "clarification.analyzed", principal=principal, target=request.data_source, came_of_it=found.outcome,
        sql=[one.safe_sql.plain for one in found.probed if one.result is not None],
    )  # fmt: skip
    return found


def _analyzed(query: Query) -> Analysis:
    source = query.data_source
    is_on, probed = asks_in(query.organization, source), list[Probed]()
    try:
        context = understand(query, in_request=True)
        notes = _Unrecorded(query)
        plan = make_plan(context, notes)
        written = write_readings(context, plan, notes)
        probed = probe(check_readings(written, context), context, threading.Event())
        choice = choose(probed, context, plan)
    except (CannotAnswer, Refused, UnsafeSql) as problem:
        return Analysis(query.question, source.name, is_on, probed, problem=problem)
    return Analysis(query.question, source.name, is_on, probed, choice)


def analysis_json(found: Analysis) -> dict[str, Any]:
    """The analysis as the API shows it."""
    chosen = found.choice if isinstance(found.choice, Chosen) else None
    return {
        "question": found.question,
        "data_source": found.source,
        "engine": BUILTIN,
        "outcome": found.outcome,
        "needs_clarification": isinstance(found.choice, Ask),
        "asking_is_on": found.asking_is_on,
        "questions": [asked_json(found.choice, "q1")] if isinstance(found.choice, Ask) else [],
        "readings": [_reading_json(one) for one in found.probed],
        "confidence": round(chosen.confidence, 4) if chosen else None,
        "assumptions": list(chosen.assumptions) if chosen else [],
        "problem": {"code": found.problem.error_code, "message": found.problem.message} if found.problem else None,
    }


def _reading_json(one: Probed) -> dict[str, Any]:
    return {
        "explanation": one.reading.explanation,
        "sql": one.safe_sql.plain,
        "score": round(one.reading.score, 4),
        "assumptions": list(one.reading.assumptions),
        "choices": [
            {"field": choice.field, "phrase": choice.phrase, "label": choice.label, "meaning": choice.meaning}
            for choice in one.reading.choices
        ],
        "preview": preview_json(preview_of(one.result)) if one.result else None,
    }
