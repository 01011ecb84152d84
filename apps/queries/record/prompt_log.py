"""What was said to models goes with what it was said for: a conversation that is forgotten, a query that is deleted."""

from collections.abc import Collection
from typing import Any

import structlog

from apps.accounts.models import Organization
from apps.llm.exchanges import forget_exchanges, prune_exchanges
from apps.queries.models import Run

log = structlog.get_logger(__name__)


def forget_prompts(organization: Organization, conversations: Collection[Any]) -> int:
    """Delete the prompts of these conversations' queries; call it while they still belong to them."""
    runs = Run.objects.for_org(organization).filter(query__conversation__in=conversations)
    return forget_exchanges(organization, runs.values("pk"))


def prune_prompts() -> int:
    """Delete prompts that are old, and those of queries that are gone, of all organizations; returns how many."""
    total = 0
    for organization in Organization.objects.order_by("id").iterator():
        total += prune_exchanges(organization, Run.objects.for_org(organization).values("pk"))
    if total:
        log.info("prompts_forgotten", prompts=total)
    return total
