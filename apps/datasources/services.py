"""Writes on data sources, and the way from a stored source to what may be read of it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import Membership, Organization, Role
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations, organization_scope
from apps.common.connections import release_connection
from apps.common.errors import AppError, InvalidInput, NotFound
from apps.datasources import execution, introspection
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.credentials import decrypt, encrypt
from apps.datasources.models import DataSource, Kind
from apps.datasources.sessions import sessions
from apps.datasources.stored_schema import load_schema, save_schema

log = structlog.get_logger(__name__)
HOST_NAME = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,252}|\[?[0-9A-Fa-f:.]{2,45}\]?"
)  # so no socket's folder, no list of hosts
_after_sync: list[Callable[[DataSource], None]] = []


def register_after_sync(function: Callable[[DataSource], None]) -> None:
    """Have `function` called with each source after its schema was read anew. For higher apps."""
    _after_sync.append(function)


def create_data_source(
    *, organization: Organization, password: str = "", is_of_installation: bool = False, **fields: Any
) -> DataSource:
    """Save a new source. Nothing is read yet: `sync_data_source` does that.

    `is_of_installation` is for what comes with the installation itself, such as the sample: its place is not checked.

    Raises: InvalidInput naming the field.
    """
    source = DataSource(organization=organization, credentials=encrypt(password), **fields)
    if not is_of_installation:
        check_location(source)
    return _saved(source)


LOCATION = frozenset({"kind", "host", "port", "database", "username", "options"})
SERVER = frozenset({"kind", "host", "port"})  # who gets to see the password


def update_data_source(
    source: DataSource, *, password: str | None = None, is_of_installation: bool = False, **fields: Any
) -> DataSource:
    """Change a source; a password that is not given stays as it is.

    Raises: InvalidInput naming the field, where a new place may not be named, or needs the password anew.
    """
    has_moved = any(getattr(source, name) != fields[name] for name in SERVER & set(fields))
    if has_moved and password is None and source.credentials and not is_of_installation:
        message = "Another server needs the password anew: the stored one is for the old server only."
        raise InvalidInput(message, details={"password": [message]})
    for name, value in fields.items():
        setattr(source, name, value)
    if password is not None:
        source.credentials = encrypt(password)
    if (LOCATION & set(fields) or password is not None) and not is_of_installation:
        check_location(source)
    return _saved(source)


def delete_data_source(source: DataSource) -> None:
    """Remove a source with everything that was asked of it, and let go of this process's connections to it."""
    key = str(source.pk)
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


def check_location(source: DataSource) -> None:
    """Refuse places that a member may not name: sockets of this machine, files outside the installation's folders.

    Raises: InvalidInput naming the field.
    """
    if source.kind == Kind.SQLITE:
        _check_file(source.database)
    elif not source.host:
        raise InvalidInput("A host is needed.", details={"host": ["This field is required."]})
    elif not HOST_NAME.fullmatch(source.host):
        message = "This is no host name and no IP address."
        raise InvalidInput(message, details={"host": [message]})


def _check_file(name: str) -> None:
    file = Path(name).resolve()
    folders = [Path(folder).resolve() for folder in settings.SQLITE_FOLDERS]
    if not any(file.is_relative_to(folder) for folder in folders):
        message = "This file is outside the folders that the installation allows (SQLITE_FOLDERS)."
        raise InvalidInput(message, details={"database": [message]})


def address_of(source: DataSource) -> SourceAddress:
    """Where and how to connect, with the password in clear: for execution only, never stored or logged."""
    is_file = source.kind == Kind.SQLITE
    return SourceAddress(
        id=str(source.pk),
        kind=SourceKind(source.kind),
        host=source.host,
        port=source.port,
        database="" if is_file else source.database,
        path=source.database if is_file else "",
        user=source.username,
        password=decrypt(source.credentials),
        options=source.options,
    )


def test_data_source(source: DataSource) -> Mapping[str, Any]:
    """Connect once and say how it went, in words that hold no secret."""
    address = address_of(source)
    release_connection()
    try:
        execution.test_connection(address)
    except AppError as error:
        return {"ok": False, "code": error.error_code, "message": error.message}
    return {"ok": True, "code": None, "message": "The source answers."}


def sync_data_source(source: DataSource) -> DataSource:
    """Read the source's schema anew and keep it. What was known stays if reading fails.

    Raises: AppError of the connector, after noting it on the source.
    """
    address = address_of(source)
    release_connection()
    try:
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


def access_of(principal: Principal, source: DataSource) -> Access:
    """What this person may read of this source."""
    if not principal.membership.is_active or source.organization_id != principal.organization.pk:
        raise NotFound("There is no such data source.")
    return Access(schema=load_schema(source), functions=frozenset(source.allowed_functions))


def find_principal(*, email: str | None, source_name: str | None = None) -> Principal:
    """The member of that e-mail; without one, the first owner of the organization that has the source. For commands.

    Raises: NotFound.
    """
    members = Membership.objects.filter(is_active=True, user__is_active=True).select_related("user", "organization")
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
