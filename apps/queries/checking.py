"""Fourth step: the guard judges every reading, a cheap look compares them, and one is chosen or a question is found."""

import threading
from collections.abc import Sequence

import structlog
from django.conf import settings

from apps.clarification.choosing import Ask, Chosen, Decline, Policy, Probed, choose_reading, plausible
from apps.clarification.ruling import settled_by_rules
from apps.common.errors import AppError
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import UnsafeSql, check_sql
from apps.monitoring.metrics import GUARD_VERDICTS
from apps.queries.engines import threshold_of
from apps.queries.engines.builtin.declining import declined, is_not_in_data
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer
from apps.queries.planning import Plan
from apps.queries.recording import StepNote, journey_step
from apps.queries.understanding import Understanding
from apps.queries.writing import Written

log = structlog.get_logger(__name__)
PROBE_ROWS = 100
PROBE_BYTES = 1_000_000


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


def _probed_note(probed: Sequence[Probed]) -> StepNote:
    seen = sum(one.result is not None for one in probed)
    outcomes = [{"sql": one.safe_sql.plain, "rows": one.result.row_count if one.result else None} for one in probed]
    action = (
        f"Compared {seen} of {len(probed)} readings by their results."
        if len(probed) > 1
        else "One reading: no comparison needed."
    )
    return StepNote(action, {"probes": outcomes})


@journey_step(Stage.CHECKING, agent="sql", kind="probe", note=_probed_note)
def probe(checked: Sequence[Probed], understanding: Understanding, lost: threading.Event) -> list[Probed]:
    """A first look at the rows of each plausible reading, under a small budget; none where there is only one."""
    worth = set(map(id, plausible([one.reading for one in checked])))
    rivals = [one for one in checked if id(one.reading) in worth]
    if len(rivals) < 2:
        return rivals
    return [_looked_at(one, understanding, lost) for one in rivals]


def _looked_at(one: Probed, understanding: Understanding, lost: threading.Event) -> Probed:
    seconds = min(settings.PARLEY.probe_timeout_seconds, understanding.seconds_left())
    limits = Limits(PROBE_ROWS, PROBE_BYTES, seconds, columns=settings.PARLEY.sql_max_columns)
    try:
        result = execute(one.safe_sql, understanding.address, limits=limits, cancel=lost)
    except AppError as error:
        log.info("probe_failed", code=error.error_code)
        return one
    return Probed(one.reading, one.safe_sql, result)


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
    by_rules = settled_by_rules([one.reading for one in probed], threshold)
    policy = Policy(threshold, may_ask, {**by_rules, **(waited.settled if waited else {})})
    choice = choose_reading(probed, policy)
    if isinstance(choice, Decline):
        raise _declined(choice, understanding)
    return choice


def _declined(choice: Decline, understanding: Understanding) -> CannotAnswer:
    """What was understood and what was not; words that the data does not know are told apart from doubt."""
    context = understanding.reading_context
    code = "not_in_data" if is_not_in_data(context) else "not_sure_enough"
    nearest = f" The nearest reading was: {choice.understood}." if choice.understood else ""
    why = "I am not sure enough of any reading of them together to answer it."
    return CannotAnswer(declined(context, why=why) + nearest, code=code)
