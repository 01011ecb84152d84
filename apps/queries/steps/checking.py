"""Fourth step: the guard judges every reading, and after a cheap look one is chosen or a question is found."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from django.conf import settings

from apps.clarification.choosing import Ask, Chosen, Decline, Policy, Probed, choose_reading
from apps.clarification.ruling import settled_by_rules
from apps.datasources.guard import UnsafeSql, check_sql
from apps.monitoring.metrics import GUARD_VERDICTS
from apps.queries.engines import threshold_of
from apps.queries.engines.builtin.declining import declined, is_not_in_data
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.planning import Plan
from apps.queries.steps.understanding import Understanding
from apps.queries.steps.writing import Written

log = structlog.get_logger(__name__)


def _checked_note(checked: Sequence[Probed]) -> StepNote:
    return StepNote(
        f"The guard let {len(checked)} reading(s) through.",
        {
            "sql": [one.safe_sql.plain for one in checked],
            "tables": sorted(set().union(*(c.safe_sql.tables for c in checked))),
        },
    )


@journey_step(Stage.CHECKING, agent="guard", kind="check", note=_checked_note)
def check_readings(written: Written, understanding: Understanding) -> list[Probed]:
    """The readings that the guard lets through, as SQL that may run.

    Raises: UnsafeSql, the first refusal, if none is let through.
    """
    checked: list[Probed] = []
    refusal: UnsafeSql | None = None
    for reading in written.readings:
        dialect = understanding.access.schema.dialect
        try:
            safe = check_sql(
                reading.tree.sql(dialect=dialect), dialect=dialect, access=understanding.access,
                row_limit=settings.PARLEY.sql_row_cap,
            )  # fmt: skip
        except UnsafeSql as error:
            GUARD_VERDICTS.labels(error.error_code).inc()
            log.warning("sql_refused", code=error.error_code, engine=reading.engine)
            refusal = refusal or error
        else:
            GUARD_VERDICTS.labels("allowed").inc()
            checked.append(Probed(reading, safe))
    if not checked and refusal is not None:
        raise refusal
    return checked


def _choice_note(choice: Ask | Chosen) -> StepNote:
    if isinstance(choice, Ask):
        return StepNote(f"Asked back: {choice.question}", {"field": choice.field, "options": len(choice.options)})
    detail = {"confidence": round(choice.confidence, 4), "assumptions": list(choice.assumptions)}
    return StepNote("Chose a reading to answer with.", detail)


@journey_step(Stage.CHECKING, agent="clarification", kind="choice", note=_choice_note)
def choose(probed: Sequence[Probed], understanding: Understanding, plan: Plan) -> Ask | Chosen:
    """Answer, or ask back.

    Raises: CannotAnswer where no reading is good enough.
    """
    waited = understanding.waited
    may_ask = understanding.may_ask and (waited is None or (waited.turns_left > 0 and not waited.closed_without_answer))
    default = threshold_of(probed[0].reading.engine if probed else plan.engine)
    threshold = default if understanding.threshold is None else understanding.threshold
    points = {choice.point for one in probed for choice in one.reading.choices} if len(probed) > 1 else ()
    by_rules = settled_by_rules(probed, threshold)
    settled = {**by_rules, **(waited.settled if waited else {})}
    policy = Policy(threshold, may_ask, settled, understanding.habits_at(points))
    choice = choose_reading(probed, policy)
    if isinstance(choice, Decline):
        raise _declined(choice, understanding)
    if isinstance(choice, Chosen) and waited is not None and waited.closed_without_answer:
        return replace(choice, assumptions=(WITHOUT_ANSWER[waited.ending], *choice.assumptions))
    return choice


WITHOUT_ANSWER = {
    "dismissed": "You went on without answering what was asked back, so the likeliest meaning is taken.",
    "expired": "Nobody answered in time what was asked back, so the likeliest meaning is taken.",
}


def _declined(choice: Decline, understanding: Understanding) -> CannotAnswer:
    """What was understood and what was not; words that the data does not know are told apart from doubt."""
    context = understanding.reading_context
    code = "not_in_data" if is_not_in_data(context) else "not_sure_enough"
    nearest = f" The nearest reading was: {choice.understood}." if choice.understood else ""
    why = "I am not sure enough of any reading of them together to answer it."
    return CannotAnswer(declined(context, why=why) + nearest, code=code)
