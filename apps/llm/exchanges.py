"""The log of prompts: what models were told and answered, without secrets and personal data, for some days."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Organization
from apps.accounts.permissions import MANAGE
from apps.accounts.principal import Principal
from apps.common.sealing import Unsealable, seal, unseal
from apps.llm.calls import CallRecord
from apps.llm.models import ModelCall, ModelExchange
from apps.llm.personal_data import find_personal
from apps.llm.redaction import redacted

log = structlog.get_logger(__name__)
LONGEST_MESSAGE = 200_000
BATCH = 500


@dataclass(frozen=True)
class Exchange:
    """One call as it is shown: its messages as (role, content) and the answer, redacted."""

    call: ModelCall
    messages: tuple[tuple[str, str], ...]
    answer: str


def log_exchanges(rows: Sequence[tuple[ModelCall, CallRecord]]) -> None:
    """Keep what was said in these calls, whose rows are saved already; nothing where PROMPT_RETENTION_DAYS is 0."""
    if not settings.PARLEY.prompt_retention_days:
        return
    known = known_secrets()
    ModelExchange.objects.bulk_create(
        ModelExchange(organization_id=call.organization_id, call=call, sealed=_sealed(call, record, known))
        for call, record in rows
        if record.messages or record.answer
    )


def exchanges_of(run_id: UUID, principal: Principal) -> list[Exchange]:
    """What is kept of a run's calls, oldest first; nothing for those who are no admins of the organization."""
    if not principal.may(MANAGE.role, MANAGE.scope):
        return []
    rows = ModelExchange.objects.for_org(principal.organization).filter(call__run_id=run_id)
    shown = [_shown(one) for one in rows.select_related("call").order_by("call__created_at", "call_id")]
    return [one for one in shown if one is not None]


def forget_exchanges(organization: Organization, runs: Any) -> int:
    """Delete what was said for these runs (ids, or a query of them), also while the calls stay for the bill."""
    deleted, _ = ModelExchange.objects.for_org(organization).filter(call__run_id__in=runs).delete()
    return int(deleted)


def prune_exchanges(organization: Organization, existing_runs: Any) -> int:
    """Delete what is older than the installation keeps or belongs to a run that is gone; returns how many.

    `existing_runs` is a query of the ids of those that are not.
    """
    before = timezone.now() - timedelta(days=settings.PARLEY.prompt_retention_days)
    is_gone = Q(call__run_id__isnull=False) & ~Q(call__run_id__in=existing_runs)
    rows = ModelExchange.objects.for_org(organization)
    total = 0
    while batch := list(rows.filter(Q(created_at__lte=before) | is_gone).values_list("pk", flat=True)[:BATCH]):
        total += rows.filter(pk__in=batch).delete()[0]
    return total


def known_secrets() -> tuple[str, ...]:
    """What must stand in no log whatever it looks like: the installation's keys and passwords."""
    environment = settings.PARLEY
    sealed = (getattr(environment, name) for name in type(environment).model_fields)
    secrets = [one.get_secret_value() for one in sealed if hasattr(one, "get_secret_value")]
    databases = [str(one.get("PASSWORD") or "") for one in settings.DATABASES.values()]
    return tuple(one for one in (settings.SECRET_KEY, *settings.CREDENTIALS_KEYS, *secrets, *databases) if one)


def without_personal_data(text: str) -> str:
    """The text with the kind in the place of each e-mail address, phone number and the like."""
    parts, end = [], 0
    for found in sorted(find_personal(text), key=lambda one: (one.start, -one.end)):
        if found.start >= end:
            parts += [text[end : found.start], f"[{found.kind.value.lower()}]"]
            end = found.end
    return "".join([*parts, text[end:]])


def _sealed(call: ModelCall, record: CallRecord, known: Sequence[str]) -> str:
    def kept(text: str) -> str:
        return without_personal_data(redacted(text, known))[:LONGEST_MESSAGE]

    told = [[role, kept(content)] for role, content in record.messages]
    text = json.dumps({"messages": told, "answer": kept(record.answer)}, ensure_ascii=False)
    return seal(text, purpose=_purpose(call))


def _shown(row: ModelExchange) -> Exchange | None:
    """None where the key is gone that it was sealed with."""
    try:
        kept = json.loads(unseal(row.sealed, purpose=_purpose(row.call)))
    except Unsealable:
        log.warning("prompt_unreadable", call=str(row.call_id))
        return None
    return Exchange(row.call, tuple((role, content) for role, content in kept["messages"]), kept["answer"])


def _purpose(call: ModelCall) -> str:
    return f"model_exchange:{call.pk}"
