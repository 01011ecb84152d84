"""The whole journey of a query on one page: from the person's words to a recorded outcome."""

import uuid
from functools import partial

import structlog

from apps.accounts.models import Organization
from apps.clarification.choosing import Ask
from apps.common.connections import release_connection
from apps.queries.asking_back import ask_back
from apps.queries.charting import choose_charts
from apps.queries.checking import check_readings, choose
from apps.queries.executing import execute_choice, judged_again
from apps.queries.explanation import explain
from apps.queries.leases import LeaseLost, take_lease
from apps.queries.models import Query
from apps.queries.planning import make_plan
from apps.queries.probing import probe
from apps.queries.recording import recorded_run
from apps.queries.understanding import understand, with_current_access
from apps.queries.writing import write_readings

log = structlog.get_logger(__name__)


def answer_query(query: Query) -> None:
    """Take one query, held under a lease, from the person's words to a recorded outcome.

    Refusals, failures and questions that cannot be answered are outcomes too.

    Raises: LeaseLost if the query became somebody else's meanwhile.
    """
    with recorded_run(query) as recorder:  # frames every other step
        context = recorder.step(understand, query)  # who asks, conversation, schema, values
        recorder.note_access(context.access)
        plan = recorder.step(make_plan, context)  # which engine, and whether this is a question about the data at all
        readings = recorder.step(write_readings, context, plan, recorder)  # SQL with its assumptions, or what waited
        context = with_current_access(query, context)  # a policy holds at once, however long a model took
        checked = recorder.step(check_readings, readings, context)  # the guard: SafeSql or a refusal
        recorder.note_access(context.access, [one.safe_sql for one in checked])
        probed = recorder.step(probe, checked, context, recorder.lost)  # run cheaply, compare by result
        choice = recorder.step(choose, probed, context, plan)  # answer, ask or decline
        if isinstance(choice, Ask):
            recorder.wait_for(partial(ask_back, query, choice, context))
            return
        context = with_current_access(query, context)
        choice = judged_again(choice, context)
        recorder.note_access(context.access, [choice.probed.safe_sql])
        rows = recorder.step(execute_choice, choice, context, recorder.lost)  # from the source, or kept from just now
        charts = recorder.step(choose_charts, rows.result, context)
        answer = recorder.step(explain, choice, rows.result, context)
        recorder.finish(rows, answer.text, charts, **answer.recorded)


def answer_if_free(organization: Organization, query_id: uuid.UUID) -> bool:
    """Do a worker's part: take the query's lease and answer it; False if it is done, waits or is somebody else's."""
    query = take_lease(organization, query_id)
    release_connection()
    if query is None:
        return False
    names = {"organization": organization.slug, "user": str(query.user_id), "query": str(query_id)}
    with structlog.contextvars.bound_contextvars(correlation_id=query.correlation_id, **names):
        try:
            answer_query(query)
        except LeaseLost:
            log.info("lease_lost")
    return True
