"""Doorbells: each message wakes a worker, the row says whether work is left."""

import uuid

import structlog
from celery import shared_task
from django.conf import settings

from apps.accounts.models import Organization
from apps.common.connections import release_connection

HARD_LIMIT_SECONDS = settings.PARLEY.query_deadline_seconds + 60


@shared_task(queue="questions", time_limit=HARD_LIMIT_SECONDS)
def answer_query_task(organization_id: str, query_id: str) -> None:
    """Answer one query, unless somebody else did or does."""
    from apps.queries.journey import answer_query
    from apps.queries.leases import take_lease

    organization = Organization.objects.get(pk=organization_id)
    query = take_lease(organization, uuid.UUID(query_id))
    release_connection()
    if query is None:
        return
    with structlog.contextvars.bound_contextvars(
        correlation_id=query.correlation_id, organization=organization.slug, query=query_id, user=str(query.user_id)
    ):
        answer_query(query)


@shared_task(queue="upkeep", time_limit=60)
def sweep_queries() -> int:
    """Ring again for queries that lost their worker or their message."""
    from apps.queries.services import sweep

    return sweep()


@shared_task(queue="upkeep", time_limit=60)
def expire_clarifications_task() -> int:
    """Let queries go on whose clarification nobody answered."""
    from apps.queries.services import expire_clarifications

    return expire_clarifications()
