"""The middle of the journey, from a plan to rows: readings, guard, probes, choice, SQL; another way where one fails."""

from dataclasses import dataclass

from apps.clarification.choosing import Ask, Chosen
from apps.common.errors import AppError
from apps.datasources.kept_results import Fetched
from apps.datasources.results import ResultSet
from apps.queries.recording import RunRecorder
from apps.queries.steps.checking import check_readings, choose
from apps.queries.steps.executing import execute_choice, judged_again
from apps.queries.steps.planning import Plan
from apps.queries.steps.probing import probe
from apps.queries.steps.replanning import AttemptFailed, next_attempt
from apps.queries.steps.understanding import Understanding, with_current_access
from apps.queries.steps.writing import corrections_of, write_readings


@dataclass(frozen=True)
class Found:
    """The reading that was chosen and its rows, under the rights and the plan that they were read with."""

    choice: Chosen
    rows: Fetched
    context: Understanding
    plan: Plan

    @property
    def result(self) -> ResultSet:
        return self.rows.result


def find_rows(context: Understanding, plan: Plan, recorder: RunRecorder) -> Found | Ask:
    """The rows of the reading to answer with, or what to ask back; where SQL does not run, another way is tried.

    Raises: AppError of the last attempt.
    """
    while True:
        try:
            return attempt(context, plan, recorder)
        except AttemptFailed as failed:
            context, plan = next_attempt(context, plan, failed, recorder)


def attempt(context: Understanding, plan: Plan, recorder: RunRecorder) -> Found | Ask:
    """One way from the plan to rows. Raises AttemptFailed where the chosen SQL does not run."""
    readings = recorder.step(write_readings, context, plan, recorder)  # SQL with its assumptions, or what waited
    context = with_current_access(recorder.query, context)  # a policy holds at once, however long a model took
    checked = recorder.step(check_readings, readings, context)  # the guard: SafeSql or a refusal
    recorder.note_access(context.access, [one.safe_sql for one in checked])
    probed = recorder.step(probe, checked, context, recorder.lost)  # run cheaply, compare by result
    choice = recorder.step(choose, probed, context, plan)  # answer, ask or decline
    if isinstance(choice, Ask):
        return choice
    context = with_current_access(recorder.query, context)
    choice = judged_again(choice, context)
    recorder.note_access(context.access, [choice.probed.safe_sql])
    try:
        done = recorder.step(execute_choice, choice, context, recorder.lost)  # from the source, or kept from just now
    except AppError as error:
        raise AttemptFailed(choice.probed.safe_sql.plain, error, corrections_of(choice.probed.reading)) from error
    return Found(choice, done.fetched, context, plan)
