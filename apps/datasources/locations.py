"""Where a member may say that a data source is, and the address that follows from a stored one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.common.errors import InvalidInput
from apps.common.hosts import HostPolicy, HostRefused, check_host
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.credentials import decrypt
from apps.datasources.models import DataSource
from apps.datasources.options import check_options, is_account

EVERY_ORGANIZATION = "*"


def check_location(source: DataSource) -> None:
    """Refuse what a member may not name: internal hosts, sockets, files of others, options that there are not.

    Raises: InvalidInput naming the field.
    """
    kind = SourceKind(source.kind)
    _check_options(kind, source.options)
    if kind.is_file:
        _check_file(source)
    elif not source.host:
        raise InvalidInput("A host is needed.", details={"host": ["This field is required."]})
    elif kind.has_host:
        _check_host(source.host)
    elif not is_account(source.host):  # its driver makes a host's name of it
        message = "The name of an account or project is letters, digits, dots, - and _."
        raise InvalidInput(message, details={"host": [message]})


def full_address(source: DataSource) -> SourceAddress:
    """Where and how to connect, with the password in clear. Whether the source may be used is not asked here."""
    kind = SourceKind(source.kind)
    return SourceAddress(
        id=str(source.pk),
        kind=kind,
        host=source.host,
        port=source.port,
        database="" if kind.is_file else source.database,
        path=source.database if kind.is_file else "",
        user=source.username,
        password=decrypt(source),
        options=source.options,
        hosts=_policy(source.host),
    )


def folders_of(slug: str) -> list[Path]:
    """Folders whose files an organization may name. An entry is FOLDER, for its own folder in it, or SLUG=FOLDER."""
    found = []
    for entry in settings.SOURCE_FOLDERS:
        owner, given, folder = entry.rpartition("=")
        if not given:
            found.append(Path(folder).resolve() / slug)
        elif owner in (slug, EVERY_ORGANIZATION):
            found.append(Path(folder).resolve())
    return found


def _check_options(kind: SourceKind, options: Any) -> None:
    if not isinstance(options, dict):
        raise InvalidInput("Options are an object.", details={"options": ["This must be an object."]})
    if wrong := check_options(kind.value, options):
        raise InvalidInput(wrong[0], details={"options": wrong})


def _check_host(host: str) -> None:
    try:
        if host.startswith("/"):
            raise HostRefused
        check_host(host, settings.SOURCE_HOSTS)
    except HostRefused as error:
        raise InvalidInput(error.message, details={"host": [error.message]}) from error


def _check_file(source: DataSource) -> None:
    """Links are refused when the file is opened; here it is only asked where it claims to be."""
    file = Path(source.database)
    is_inside = any(file.is_relative_to(folder) for folder in folders_of(source.organization.slug))
    if not file.is_absolute() or ".." in file.parts or not is_inside:
        message = "This file is outside the folders that the installation allows this organization (SOURCE_FOLDERS)."
        raise InvalidInput(message, details={"database": [message]})


def _policy(host: str) -> HostPolicy:
    """The operator's policy. A stored socket came with the installation, as no member may name one."""
    policy: HostPolicy = settings.SOURCE_HOSTS
    return replace(policy, socket_folders=policy.socket_folders | {host.rstrip("/")}) if host[:1] == "/" else policy
