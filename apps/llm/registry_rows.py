"""The models of the admin site, as the registry reads them: kept for seconds in each process, dropped on a change here.

They are read only by code that entered an organization's rows, or all: what entered none, such as an evaluation of a
folder, is meant to do without the platform's database.
"""

import os
import time
from collections.abc import Sequence

import structlog
from django.db import Error, connection

from apps.accounts.row_security import NOTHING, current_scope
from apps.common.connections import release_connection
from apps.common.sealing import Unsealable, unseal
from apps.llm.kinds import PRESETS, Kind, address_of
from apps.llm.models import ModelProvider, RegisteredModel
from apps.llm.registry_entries import Entry, Origin
from apps.llm.spec import ModelSpec, Role

log = structlog.get_logger(__name__)
FRESH_SECONDS = 3.0


class _Kept:
    """The rows as last read."""

    entries: tuple[Entry, ...] = ()
    until: float = 0.0


def registered_models() -> Sequence[Entry]:
    """The active models in their order; where the database is away, those last read, if any."""
    if current_scope() == NOTHING:
        return ()
    if time.monotonic() >= _Kept.until:
        _Kept.entries, _Kept.until = _read_or_last(), time.monotonic() + FRESH_SECONDS
    return _Kept.entries


def forget_registered_models() -> None:
    """Read the rows anew at the next look; other processes follow within FRESH_SECONDS."""
    _Kept.entries, _Kept.until = (), 0.0


def sealing_purpose(provider: ModelProvider, base_url: str) -> str:
    """What a provider's key is sealed for: it opens for this provider at this address, so it goes nowhere else."""
    return f"model provider {provider.pk} at {base_url}"


def provider_address(provider: ModelProvider) -> str:
    """Where the provider's calls go. Raises ValueError where neither it nor its kind names an address."""
    return address_of(Kind(provider.kind), provider.base_url)


def entry_of(model: RegisteredModel) -> Entry:
    """One row as the registry takes it."""
    provider = model.provider
    able = PRESETS[Kind(provider.kind)].unless(model)
    key, complaints = _key_of(provider)
    spec = ModelSpec(
        key=model.key,
        base_url=provider_address(provider),
        api_key=key,
        name=model.name,
        price_in=model.price_in,
        price_out=model.price_out,
        window_tokens=model.window_tokens,
        takes_schema=able.takes_schema,
        takes_tools=able.takes_tools,
        streams=able.streams,
        roles=frozenset(Role(role) for role in model.roles),
        provider=provider.key,
        calls_at_once=provider.calls_at_once,
        api_version=provider.api_version,
        tokenizer=model.tokenizer,
    )
    return Entry(spec, Origin.ADMIN, model.fallback, complaints)


def _read_or_last() -> tuple[Entry, ...]:
    was_open = connection.connection is not None
    try:
        rows = RegisteredModel.objects.select_related("provider").filter(is_active=True, provider__is_active=True)
        return tuple(entry_of(row) for row in rows)
    except Error as error:
        log.warning("registered_models_unread", error=type(error).__name__)
        return _Kept.entries
    finally:
        if not was_open:
            release_connection()


def _key_of(provider: ModelProvider) -> tuple[str, tuple[str, ...]]:
    """The key, empty where there is none, and what is wrong with it."""
    if variable := provider.key_variable:
        key = os.environ.get(variable, "")
        return key, () if key else (f"the environment variable {variable} is not set.",)
    if not provider.sealed_key:
        return "", ()
    try:
        return unseal(provider.sealed_key, purpose=sealing_purpose(provider, provider_address(provider))), ()
    except Unsealable:
        return "", (f"the key of the provider {provider.key} cannot be read; enter it again in the admin site.",)
