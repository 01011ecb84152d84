"""Another way, where the chosen SQL did not run: mended by the database's words, by another plan, by the other engine.

A question's SQL is corrected at most three times, the guard's corrections included; a failed plan is followed by at
most two others, the last of which leaves the model: all within the query's time and tokens.
"""

from dataclasses import replace

from apps.common.errors import AppError
from apps.datasources.errors import SqlFailed, SqlTimeout, TooManyColumns
from apps.queries.context import FailedSql
from apps.queries.engines.model import MOST_CORRECTIONS
from apps.queries.models import Stage
from apps.queries.recording import RunRecorder
from apps.queries.step_kinds import journey_step
from apps.queries.steps.planning import BUILTIN, MODEL, Plan, plan_note, planned_by_model
from apps.queries.steps.understanding import Understanding

MOST_REPLANS = 2
LEAST_SECONDS = 5.0  # with less of the query's time left, another attempt would only end in a timeout
MAY_HELP = (SqlFailed, SqlTimeout, TooManyColumns)


class AttemptFailed(Exception):
    """SQL that was let through and did not run. `corrections` are those that its reading needed before."""

    def __init__(self, sql: str, error: AppError, corrections: int) -> None:
        super().__init__(error.message)
        self.sql = sql
        self.error = error
        self.corrections = corrections


def next_attempt(
    understanding: Understanding, plan: Plan, failed: AttemptFailed, recorder: RunRecorder
) -> tuple[Understanding, Plan]:
    """What to go on with after SQL that did not run. Raises the failure itself where there is nothing left to try."""
    error = failed.error
    is_reused = understanding.remembered.reuse is not None
    if not isinstance(error, MAY_HELP) or understanding.deadline_is_near(LEAST_SECONDS):
        raise error
    told = _with_failure(understanding, failed)
    if is_reused:  # what somebody stood for does not run any more: an engine reads the question
        return told, plan
    if plan.engine != MODEL or plan.desk is None or plan.desk.gave_up is not None:
        raise error
    corrections = max(plan.corrections, failed.corrections)
    if corrections < MOST_CORRECTIONS:
        return told, replace(plan, corrections=corrections + 1)
    if plan.replans == MOST_REPLANS:
        raise error
    plan = recorder.step(replan, told, replace(plan, corrections=corrections))
    recorder.note(replans=plan.replans)
    return told, plan


@journey_step(Stage.PLANNING, agent="planner", kind="planning", note=plan_note)
def replan(understanding: Understanding, plan: Plan) -> Plan:
    """The next plan after one that failed: first what the planner makes of the failures, then the built-in engine."""
    following = replace(plan, replans=plan.replans + 1, by="rule", notes=())
    if following.replans == MOST_REPLANS:
        note = "No SQL of the model's ran. The built-in engine answered instead."
        return replace(following, engine=BUILTIN, notes=(note,))
    return planned_by_model(following, understanding)


def _with_failure(understanding: Understanding, failed: AttemptFailed) -> Understanding:
    """The same question with what was tried, and without what stands in for an engine."""
    context = understanding.reading_context
    tried = (*context.failed, FailedSql(failed.sql, failed.error.message))
    return replace(
        understanding,
        reading_context=replace(context, failed=tried),
        remembered=replace(understanding.remembered, reuse=None),
    )
