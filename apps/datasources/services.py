"""Writes on data sources, and the way from a stored source to what may be read of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.audit import Outcome, record_audit
from apps.accounts.models import Membership, Organization, Role
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations, organization_scope
from apps.common.connections import release_connection
from apps.common.errors import AppError, InvalidInput, NotFound
from apps.datasources import execution, introspection
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.credentials import encrypt
from apps.datasources.errors import SourceCanWrite
from apps.datasources.locations import check_location, full_address
from apps.datasources.models import DataSource
from apps.datasources.policies.services import access_under_policy
from apps.datasources.probing import even_failures, notes_on
from apps.datasources.roles import (
    Override,
    audit_refusal,
    audit_saving,
    look_at_role,
    look_before_saving,
    refuse_writing,
    set_override,
)
from apps.datasources.sessions import sessions
from apps.datasources.stored_schema import save_schema

log = structlog.get_logger(__name__)
_after_sync: list[Callable[[DataSource], None]] = []


def register_after_sync(function: Callable[[DataSource], None]) -> None:
    """Have `function` called with each source after its schema was read anew. For higher apps."""
    _after_sync.append(function)


SourceCheck = Callable[[DataSource, Mapping[str, Any], Principal | None], None]
_before_change: list[SourceCheck] = []


def register_before_change(check: SourceCheck) -> None:
    """Have `check` called with a source, what shall change of it and by whom; what it raises forbids the change. For
    higher apps. It is None who changes it where a command or the installation's administrators do."""
    _before_change.append(check)


def check_change(source: DataSource, changed: Mapping[str, Any], by: Principal | None) -> None:
    """Raise what any registered check has against a change."""
    for check in _before_change:
        check(source, changed, by)


LOCATION = frozenset({"kind", "host", "port", "database", "username", "options"})
SERVER = frozenset({"kind", "host", "port"})  # who gets to see the password


def create_data_source(
    *,
    organization: Organization,
    password: str = "",
    is_of_installation: bool = False,
    principal: Principal | None = None,
    override: Override | None = None,
    **fields: Any,
) -> DataSource:
    """Save a new source, after a look at what its role may write. Its schema is not read yet: `sync_data_source` does.

    `is_of_installation` is for what comes with the installation itself, such as the sample: its place is not checked.

    Raises: InvalidInput naming the field, also for a role that can write; OwnersOnly.
    """
    source = DataSource(organization=organization, **fields)
    source.credentials = encrypt(password, source)
    set_override(source, override)
    if not is_of_installation:
        check_location(source)
    look_before_saving(source, principal)
    saved = _saved(source)
    audit_saving(saved, principal, override, changed=sorted({*fields, "password"} if password else fields))
    return saved


def update_data_source(
    source: DataSource,
    *,
    password: str | None = None,
    is_of_installation: bool = False,
    principal: Principal | None = None,
    override: Override | None = None,
    keep_override: bool = True,
    **fields: Any,
) -> DataSource:
    """Change a source; a password that is not given stays as it is, and so does an override unless it is taken back.

    Raises: InvalidInput naming the field, where a new place may not be named, or needs the password anew, or its role
    can write; OwnersOnly.
    """
    has_moved = any(getattr(source, name) != fields[name] for name in SERVER & set(fields))
    if has_moved and password is None and source.credentials and not is_of_installation:
        message = "Another server needs the password anew: the stored one is for the old server only."
        raise InvalidInput(message, details={"password": [message]})
    check_change(source, fields, principal)
    for name, value in fields.items():
        setattr(source, name, value)
    if password is not None:
        source.credentials = encrypt(password, source)
    is_other_role = bool(LOCATION & set(fields)) or password is not None
    if override or is_other_role or not keep_override:
        set_override(source, override)
    if is_other_role and not is_of_installation:
        check_location(source)
    if is_other_role or override or not keep_override:
        look_before_saving(source, principal)
    saved = _saved(source)
    audit_saving(saved, principal, override, changed=sorted({*fields, "password"} if password else fields))
    return saved


def delete_data_source(source: DataSource, *, principal: Principal | None = None) -> None:
    """Remove a source with everything that was asked of it, and let go of this process's connections to it."""
    key = str(source.pk)
    record_audit(
        "data_source.deleted", organization=source.organization, principal=principal, target=source, name=source.name
    )
    source.delete()
    sessions.close(key)


def _saved(source: DataSource) -> DataSource:
    """The source, saved. Raises InvalidInput if the organization has another of this name."""
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError as error:
        raise InvalidInput("A data source of this name exists.", details={"name": ["Already taken."]}) from error
    return source


def address_of(source: DataSource) -> SourceAddress:
    """Where and how to connect, with the password in clear: for execution only, never stored or logged.

    Raises: SourceCanWrite for a role that can write and that no owner allowed, or that nobody has looked at.
    """
    refuse_writing(source)
    return full_address(source)


def test_data_source(source: DataSource, *, principal: Principal | None = None) -> Mapping[str, Any]:  # noqa: PT028
    """Connect once, look at the role, and say how it went, in words that hold no secret."""
    told: dict[str, Any] = {"ok": True, "code": None, "message": "The source answers."}
    try:
        with even_failures():
            _looked_at(source, principal, during="test")
            address = address_of(source)
            release_connection()
            execution.test_connection(address)
    except AppError as error:
        told = {"ok": False, "code": error.error_code, "message": error.message}
    told["notes"] = notes_on(source)
    outcome: Outcome = "done" if told["ok"] else "failed"
    record_audit(
        "data_source.tested",
        organization=source.organization,
        principal=principal,
        target=source,
        outcome=outcome,
        code=told["code"],
    )
    return told


def sync_data_source(source: DataSource, *, principal: Principal | None = None) -> DataSource:
    """Read the source's schema anew and keep it. What was known stays if reading fails.

    Raises: AppError of the connector, or SourceCanWrite, after noting it on the source.
    """
    try:
        with even_failures():
            _looked_at(source, principal, during="sync")
        address = address_of(source)
        release_connection()
        schema = introspection.read_schema(address)
    except AppError as error:
        DataSource.objects.for_org(source.organization).filter(pk=source.pk).update(sync_error=error.message[:500])
        raise
    save_schema(source, schema)
    source.synced_at = timezone.now()
    source.sync_error = ""
    source.save(update_fields=["synced_at", "sync_error"])
    for function in _after_sync:
        function(source)
    log.info("data_source_synced", data_source=source.name, tables=len(schema.tables))
    return source


def _looked_at(source: DataSource, principal: Principal | None, *, during: str) -> None:
    """Look at the role of a stored source, keep what was seen, and refuse one that can write."""
    if SourceKind(source.kind).is_file:
        return
    look_at_role(source)
    DataSource.objects.for_org(source.organization).filter(pk=source.pk).update(
        writes=source.writes, role_checked_at=source.role_checked_at
    )
    try:
        refuse_writing(source)
    except SourceCanWrite:
        audit_refusal(source, principal, during=during)
        raise


def access_of(principal: Principal, source: DataSource) -> Access:
    """What this person may read of this source, as the policies stand at this moment.

    Functions that were added to the source are for those who may read all of it: what a function of the customer's own
    reads, no policy can be written into.
    """
    if not principal.membership.is_active or source.organization_id != principal.organization.pk:
        raise NotFound("There is no such data source.")
    access = access_under_policy(principal.membership, source)
    if not access.is_unrestricted:
        return access
    return replace(access, functions=frozenset(source.allowed_functions))


def find_principal(*, email: str | None, source_name: str | None = None) -> Principal:
    """The member of that e-mail; without one, the first owner of the organization that has the source. For commands.

    Raises: NotFound.
    """
    members = Membership.objects.live().select_related("user", "organization")
    members = members.filter(user__email__iexact=email) if email else members.filter(role=Role.OWNER)
    if source_name:
        owners = DataSource.objects.filter(name=source_name).values("organization")
        members = members.filter(organization__in=owners)
    with across_organizations("a command names a person, who says which organization"):
        member = members.order_by("created_at").first()
    if member is None:
        raise NotFound(f"No active member {email or ''} has a data source {source_name!r}.")
    return Principal(member)


def find_source(principal: Principal, name: str) -> DataSource:
    """The active source of that name in the person's organization.

    Raises: NotFound.
    """
    source = DataSource.objects.for_org(principal.organization).active().filter(name=name).first()
    if source is None:
        raise NotFound(f"There is no data source {name!r}.")
    return source


def access_for(*, source_name: str, email: str | None) -> Access:
    """`access_of` by name, for commands."""
    principal = find_principal(email=email, source_name=source_name)
    with organization_scope(principal.organization.pk):
        return access_of(principal, find_source(principal, source_name))
