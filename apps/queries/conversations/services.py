"""Writes on conversations. Forgetting one leaves its queries in the history, as nobody's memory (decision 0223)."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.models import Organization
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries.models import Conversation
from apps.queries.record.prompt_log import forget_prompts

log = structlog.get_logger(__name__)
BATCH = 500


def start_conversation(*, principal: Principal, source: DataSource, title: str = "") -> Conversation:
    """An empty conversation about a data source; without a title it gets that of its first question."""
    made: Conversation = Conversation.objects.create(
        organization=principal.organization, user=principal.user, data_source=source, title=title
    )
    return made


def rename_conversation(conversation: Conversation, title: str) -> Conversation:
    conversation.title = title
    conversation.save(update_fields=["title"])
    return conversation


@transaction.atomic
def forget_conversation(*, principal: Principal, conversation: Conversation) -> None:
    """Nothing asked in it is remembered from now on; the history keeps its queries."""
    held = Conversation.objects.for_org(principal.organization).select_for_update()  # no question may come in meanwhile
    held.filter(pk=conversation.pk).first()
    forget_prompts(principal.organization, [conversation.pk])
    Conversation.objects.for_org(principal.organization).filter(pk=conversation.pk).delete()
    record_audit("conversation.forgotten", principal=principal, target=conversation)


@transaction.atomic
def prune_memory(*, principal: Principal, older_than_days: int) -> int:
    """Forget all conversations of the organization in which nothing was asked for so long; returns how many."""
    count = _forget_older(principal.organization, older_than_days)
    record_audit("memory.pruned", principal=principal, older_than_days=older_than_days, conversations=count)
    return count


def prune_by_retention() -> int:
    """What every organization's own retention says; returns how many conversations were forgotten."""
    total = 0
    kept_for_a_time = Organization.objects.exclude(conversation_retention_days=None)
    for organization in kept_for_a_time.order_by("id").iterator():
        with transaction.atomic():
            days = organization.conversation_retention_days
            count = _forget_older(organization, days) if days is not None else 0
            if count:
                record_audit("memory.expired", organization=organization, older_than_days=days, conversations=count)
        total += count
    if total:
        log.info("conversations_forgotten", conversations=total)
    return total


def _forget_older(organization: Organization, days: int) -> int:
    """In batches, leaving out those in which a question is coming in."""
    old = Conversation.objects.for_org(organization).untouched_since(timezone.now() - timedelta(days=days))
    count = 0
    while batch := list(old.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH]):
        forget_prompts(organization, batch)
        Conversation.objects.for_org(organization).filter(pk__in=batch).delete()
        count += len(batch)
    return count
