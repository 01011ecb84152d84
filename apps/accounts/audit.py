"""Writing the audit log, and proving that nobody changed it."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog
from django.db import models
from django.utils import timezone
from prometheus_client import Counter

from apps.accounts.models import ApiKey, AuditEvent, Organization, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations

log = structlog.get_logger(__name__)
AUDIT_EVENTS = Counter("parley_audit_events_total", "Acts written to the audit log.", ["action", "outcome"])
INSTALLATION = "the-installation"
Outcome = Literal["done", "refused", "failed"]


def record_audit(
    action: str,
    *,
    organization: Organization | None = None,
    actor: User | None = None,
    api_key: ApiKey | None = None,
    principal: Principal | None = None,
    target: models.Model | None = None,
    outcome: Outcome = "done",
    **details: Any,
) -> AuditEvent:
    """Add one act to its organization's chain, in the transaction that is open if one is.

    `principal` stands for organization, actor and key together. `details` are values of JSON, never secrets. Address
    and correlation id are those of the request or task.
    """
    if principal is not None:
        organization, actor, api_key = principal.organization, principal.user, principal.api_key
    context = structlog.contextvars.get_contextvars()
    moment = timezone.now()
    target_type = target._meta.label_lower.rpartition(".")[2] if target is not None else ""
    correlation_id = str(context.get("correlation_id", ""))
    record = {
        "organization": _text(organization),
        "at": moment.isoformat(),
        "actor": _text(actor),
        "api_key": _text(api_key),
        "action": action,
        "outcome": outcome,
        "target": [target_type, _text(target) or ""],
        "address": context.get("address"),
        "correlation_id": correlation_id,
        "details": details,
    }
    with across_organizations("an act may be nobody's, such as a failed sign-in"):
        event: AuditEvent = AuditEvent.objects.create(
            organization=organization,
            created_at=moment,
            actor=actor,
            action=action,
            outcome=outcome,
            target_type=target_type,
            target_id=_text(target) or "",
            correlation_id=correlation_id,
            record=json.dumps(record, sort_keys=True, default=str),
        )
    AUDIT_EVENTS.labels(action, outcome).inc()
    log.info("audited", action=action, outcome=outcome, target=f"{target_type}:{_text(target) or ''}")
    return event


def _text(row: models.Model | None) -> str | None:
    return str(row.pk) if row is not None else None


@dataclass(frozen=True)
class Chain:
    """One chain as verified: its length, the digest of its last event, and what is wrong in words."""

    organization: str
    length: int
    head: str
    faults: tuple[str, ...]


def verify_chains(heads: Mapping[str, str] | None = None) -> Iterator[Chain]:
    """Every chain, its digests computed anew here and compared with what the database keeps.

    `heads` maps a chain's name to the "number:digest" that it once ended with; an event cut off since is found by it.
    """
    heads = heads or {}
    with across_organizations("the whole audit log is verified"):
        rows = AuditEvent.objects.order_by().values_list("organization", flat=True)
        known: list[uuid.UUID | None] = list(rows.distinct())
        slugs = dict(Organization.objects.values_list("pk", "slug"))
        names = {INSTALLATION if one is None else slugs.get(one, str(one)): one for one in known}
        for name, organization in names.items():
            yield _verified(organization, name, heads.get(name, ""))
        for name in sorted(set(heads) - set(names)):
            yield Chain(name, 0, "", ("there is no such chain",))


def _verified(organization: uuid.UUID | None, name: str, expected_head: str) -> Chain:
    faults: list[str] = []
    digest, number = "", 0
    was_seen = not expected_head
    for event in AuditEvent.objects.filter(organization=organization).order_by("number").iterator(chunk_size=2_000):
        number += 1
        if event.number != number:
            faults.append(f"event {number} is missing; {event.number} comes next")
            number = event.number
        if event.previous_digest != digest:
            faults.append(f"event {number} does not follow from the one before")
        digest = hashlib.sha256((event.previous_digest + event.record).encode()).hexdigest()
        if event.digest != digest:
            faults.append(f"event {number} was changed after it was written")
        if not _agrees(event):
            faults.append(f"event {number}: its columns do not say what its record says")
        digest = event.digest
        was_seen |= f"{number}:{digest}" == expected_head
    if not was_seen:
        faults.append("the event that it once ended with is gone")
    return Chain(name, number, digest, tuple(faults))


def _agrees(event: AuditEvent) -> bool:
    try:
        record = json.loads(event.record)
        record["at"] = datetime.fromisoformat(record["at"])
    except (ValueError, TypeError, KeyError):
        return False
    columns = {
        "organization": event.organization_id and str(event.organization_id),
        "at": event.created_at,
        "actor": event.actor_id and str(event.actor_id),
        "action": event.action,
        "outcome": event.outcome,
        "target": [event.target_type, event.target_id],
        "correlation_id": event.correlation_id,
    }
    return all(record.get(name) == value for name, value in columns.items())
