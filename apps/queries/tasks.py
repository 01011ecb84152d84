"""Doorbells: each message wakes a worker, the row says whether work is left. Queues: CELERY_TASK_ROUTES."""

import uuid

from celery import shared_task
from django.conf import settings

from apps.accounts.models import Organization
from apps.accounts.row_security import across_organizations, organization_scope
from apps.queries.journey import answer_if_free
from apps.queries.services import expire_clarifications, sweep, wake_next

HARD_LIMIT_SECONDS = settings.PARLEY.query_deadline_seconds + 60


@shared_task(time_limit=HARD_LIMIT_SECONDS)
def answer_query_task(organization_id: str, query_id: str) -> None:
    """Answer one query, unless somebody else did or does."""
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        if answer_if_free(organization, uuid.UUID(query_id)):
            wake_next(organization)


@shared_task(time_limit=60)
def sweep_queries() -> int:
    """Ring again for queries that lost their worker or their message."""
    with across_organizations("the sweeper serves all organizations"):
        return sweep()


@shared_task(time_limit=60)
def expire_clarifications_task() -> int:
    """Let queries go on whose clarification nobody answered."""
    with across_organizations("the sweeper serves all organizations"):
        return expire_clarifications()
