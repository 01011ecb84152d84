"""Doorbells: each message wakes a worker, the row says whether work is left. Queues: CELERY_TASK_ROUTES."""

import uuid

import structlog
from celery import shared_task
from django.conf import settings

from apps.accounts.models import Organization
from apps.accounts.row_security import across_organizations, organization_scope
from apps.common.turns import TURNS
from apps.queries.conversations.services import prune_by_retention
from apps.queries.evaluations.services import evaluate_for_a_while, sweep_evaluations
from apps.queries.journey import answer_if_free
from apps.queries.record.prompt_log import prune_prompts
from apps.queries.services import expire_clarifications, sweep, wake_next
from apps.queries.work.leases import LeaseLost

log = structlog.get_logger(__name__)
HARD_LIMIT_SECONDS = settings.PARLEY.query_deadline_seconds + 60
EVALUATION_SECONDS = 20  # a worker's stretch; then another organization's evaluation has its turn


@shared_task(time_limit=HARD_LIMIT_SECONDS)
def answer_query_task(organization_id: str, query_id: str) -> None:
    """Answer one query, unless somebody else did or does."""
    with TURNS.computing(), organization_scope(organization_id):
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


@shared_task(time_limit=600)
def prune_conversations_task() -> int:
    """Forget conversations whose organization keeps them no longer."""
    with across_organizations("retention is looked after for all organizations"):
        return prune_by_retention()


@shared_task(time_limit=600)
def prune_prompts_task() -> int:
    """Forget what models were told as long ago as the installation says, and for queries that are gone."""
    with across_organizations("retention is looked after for all organizations"):
        return prune_prompts()


@shared_task(time_limit=EVALUATION_SECONDS + HARD_LIMIT_SECONDS)
def evaluate_task(organization_id: str, evaluation_id: str) -> None:
    """Work on one evaluation for a while, unless somebody else does."""
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        try:
            evaluate_for_a_while(organization, uuid.UUID(evaluation_id), seconds=EVALUATION_SECONDS)
        except LeaseLost:
            log.info("lease_lost", evaluation=evaluation_id)


@shared_task(time_limit=60)
def sweep_evaluations_task() -> int:
    """Ring again for evaluations that lost their worker or their message."""
    with across_organizations("the sweeper serves all organizations"):
        return sweep_evaluations()
