"""The whole journey of a query: from the person's words to a recorded outcome. `finding` is its middle part."""

import uuid
from functools import partial

import structlog

from apps.accounts.models import Organization
from apps.clarification.choosing import Ask
from apps.common.connections import release_connection
from apps.queries.agents.planner import Agent
from apps.queries.asking_back.opening import ask_back
from apps.queries.finding import find_rows
from apps.queries.models import Query
from apps.queries.recording import recorded_run
from apps.queries.steps.charting import choose_charts
from apps.queries.steps.explanation import explain
from apps.queries.steps.planning import make_plan
from apps.queries.steps.researching import research_web
from apps.queries.steps.understanding import understand
from apps.queries.suggestions.steps import suggest_next, wordings_offered
from apps.queries.work.leases import LeaseLost, take_lease

log = structlog.get_logger(__name__)


def answer_query(query: Query) -> None:
    """Take one query, held under a lease, from the person's words to a recorded outcome.

    Refusals, failures and questions that cannot be answered are outcomes too.

    Raises: LeaseLost if the query became somebody else's meanwhile.
    """
    with recorded_run(query) as recorder, wordings_offered(recorder) as offered:  # frame every other step
        context = recorder.step(understand, query)  # who asks, conversation, schema, values
        recorder.note_access(context.access)
        offered.understanding = context
        plan = recorder.step(make_plan, context, recorder)  # which engine, who does what, is it about the data at all
        found = find_rows(context, plan, recorder)  # readings, guard, probes, choice, SQL; another way where one fails
        if isinstance(found, Ask):
            recorder.wait_for(partial(ask_back, query, found, context))
            return
        charts = recorder.step(choose_charts, found)
        research = recorder.step(research_web, found) if plan.has(Agent.WEB_RESEARCH) else None
        answer = recorder.step(explain, found, research)
        suggestions = recorder.step(suggest_next, found.context, found.choice, found.result)
        recorder.finish(found.rows, answer.text, charts.drafts, suggestions=suggestions, **answer.recorded)


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
