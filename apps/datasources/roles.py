"""A source's role may only read: looked at when a source is saved, tested and synced. An owner may say otherwise."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.models import Role
from apps.accounts.principal import Principal
from apps.common.connections import release_connection
from apps.common.errors import AppError, InvalidInput
from apps.datasources import execution
from apps.datasources.address import SourceKind
from apps.datasources.errors import SourceCanWrite
from apps.datasources.locations import full_address
from apps.datasources.models import DataSource
from apps.datasources.options import lowers_tls
from apps.datasources.probing import even_failures

log = structlog.get_logger(__name__)
MOST_NAMED = 10
SHORTEST_REASON = 10


class OwnersOnly(AppError):
    """Only an owner may say this."""

    code = "permission_denied"
    status = 403


@dataclass(frozen=True)
class Override:
    """An owner's word that a role may be used although it can write."""

    reason: str
    principal: Principal


def set_override(source: DataSource, override: Override | None) -> None:
    """Put an owner's word on the source, or take it back. Saving is the caller's.

    Raises: OwnersOnly, InvalidInput for a reason that says nothing.
    """
    if override is None:
        source.write_override = ""
        return
    if not override.principal.may(Role.OWNER, "manage"):
        raise OwnersOnly("Only an owner may allow a role that can write.")
    if len(override.reason.strip()) < SHORTEST_REASON:
        message = f"Say why, in {SHORTEST_REASON} letters or more."
        raise InvalidInput(message, details={"writable_role_reason": [message]})
    source.write_override = override.reason.strip()


def look_at_role(source: DataSource) -> None:
    """Ask the database what the role may write, and note it on the source. Saving is the caller's.

    Raises: AppError of the connector; what was noted before is then gone.
    """
    source.role_checked_at, source.writes = None, []
    address = full_address(source)
    release_connection()
    source.writes = execution.writes_of(address)
    source.role_checked_at = timezone.now()


def refuse_writing(source: DataSource) -> None:
    """Raise SourceCanWrite, naming what, when the role can write and no owner allowed it, or nobody has looked yet."""
    if SourceKind(source.kind).is_file or source.write_override:
        return
    if source.role_checked_at is None:
        raise SourceCanWrite("Nobody has seen yet what this source's role may write; test or sync the source.")
    if source.writes:
        raise SourceCanWrite(sentence(source.writes), details={"username": source.writes[:MOST_NAMED]})


def sentence(writes: list[str]) -> str:
    """What the role can write, as one sentence."""
    more = f", and {len(writes) - MOST_NAMED} more" if len(writes) > MOST_NAMED else ""
    return f"The role of this source can write: {'; '.join(writes[:MOST_NAMED])}{more}. Use one that can only read."


def audit_refusal(source: DataSource, principal: Principal | None, *, during: str) -> None:
    """Write down that a role was found that can write."""
    log.warning("source_can_write", data_source=source.name, during=during)
    record_audit(
        "data_source.write_refused",
        organization=source.organization,
        principal=principal,
        target=source,
        outcome="refused",
        during=during,
        writes=source.writes[:MOST_NAMED],
    )


def look_before_saving(source: DataSource, principal: Principal | None) -> None:
    """Refuse a role that can write. One that cannot be asked now is asked at the next test or sync, and unused before.

    Raises: InvalidInput naming what it can write.
    """
    if SourceKind(source.kind).is_file:
        return
    try:
        with even_failures():
            look_at_role(source)
    except AppError as error:
        log.info("source_role_unseen", data_source=source.name, code=error.error_code)
        return
    if source.writes and not source.write_override:
        audit_refusal(source, principal, during="saving")
        message = sentence(source.writes)
        raise InvalidInput(message, code=SourceCanWrite.code, details={"username": source.writes[:MOST_NAMED]})


def audit_saving(
    source: DataSource, principal: Principal | None, override: Override | None, *, changed: list[str]
) -> None:
    """Write down what was changed, and apart from it what lowers a wall: the override, and TLS below verified."""
    who: dict[str, Any] = {"organization": source.organization, "principal": principal, "target": source}
    record_audit("data_source.saved", **who, name=source.name, kind=source.kind, changed=changed)
    if override:
        record_audit("data_source.write_override", **who, reason=override.reason, writes=source.writes[:MOST_NAMED])
    if "options" in changed and lowers_tls(source.options):
        record_audit("data_source.tls_lowered", **who, tls=str(source.options["tls"]))
