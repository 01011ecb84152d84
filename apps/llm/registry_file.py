"""Models from a TOML file, so that one installation can offer several; keys stay in the environment. No Django here."""

import os
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from apps.common.endpoints import check_endpoint
from apps.llm.kinds import PRESETS, Kind, address_of, check_api_version, check_key_variable
from apps.llm.registry_entries import Entry, Origin, RegistryBroken
from apps.llm.spec import DEFAULT_WINDOW_TOKENS, ModelSpec, Role

__all__ = ["RegistryBroken", "read_models"]


class _Addressed(BaseModel):
    """Where calls go. `api_key_variable` names the environment variable that holds the key."""

    model_config = ConfigDict(extra="forbid")

    base_url: str | None = None
    api_key_variable: str | None = None

    @field_validator("base_url")
    @classmethod
    def _is_an_endpoint(cls, url: str | None) -> str | None:
        return None if url is None else check_endpoint(url)

    @field_validator("api_key_variable")
    @classmethod
    def _may_hold_a_key(cls, name: str | None) -> str | None:
        return None if name is None else check_key_variable(name)


class _Provider(_Addressed):
    """One `[[providers]]` table."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")
    kind: Kind = Kind.COMPATIBLE
    api_version: str = Field(default="", max_length=40)
    calls_at_once: int | None = Field(default=None, ge=1, le=10_000)

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        address_of(self.kind, self.base_url)
        check_api_version(self.kind, self.api_version)
        return self


class _Entry(_Addressed):
    """One `[[models]]` table. It names a provider, or an address and a key of its own."""

    key: str = Field(min_length=1, max_length=150)
    name: str = ""
    provider: str | None = None
    price_in: Decimal = Field(default=Decimal(0), ge=0)
    price_out: Decimal = Field(default=Decimal(0), ge=0)
    window_tokens: int = Field(default=DEFAULT_WINDOW_TOKENS, ge=2_000)
    takes_schema: bool | None = None
    takes_tools: bool | None = None
    streams: bool | None = None
    roles: frozenset[Role] = frozenset()
    fallback: str = ""
    tokenizer: str = ""

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.provider is not None and (self.base_url is not None or self.api_key_variable is not None):
            raise ValueError("a model of a provider has its address and key")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    providers: list[_Provider] = []
    models: list[_Entry]

    @model_validator(mode="after")
    def _names_its_providers(self) -> Self:
        keys = [provider.key for provider in self.providers]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise ValueError(f"two providers have the key {twice!r}")
        for entry in self.models:
            if entry.provider is not None and entry.provider not in keys:
                raise ValueError(f"the model {entry.key!r} names the provider {entry.provider!r}, which there is not")
        return self


def read_models(path: Path) -> tuple[Entry, ...]:
    """The models of a file, read again when it changes. Raises RegistryBroken naming what is wrong in it."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise RegistryBroken("The file that MODELS_FILE names cannot be read.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegistryBroken("The file that MODELS_FILE names is no TOML.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise RegistryBroken(f"In the file that MODELS_FILE names, {where}: {first['msg']}.") from error


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> tuple[Entry, ...]:
    file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
    return tuple(_described(entry, _provider_of(entry, file.providers), path.parent) for entry in file.models)


def _provider_of(entry: _Entry, providers: Sequence[_Provider]) -> _Provider | None:
    return next((one for one in providers if one.key == entry.provider), None)


def _described(entry: _Entry, provider: _Provider | None, folder: Path) -> Entry:
    able = PRESETS[provider.kind if provider else Kind.COMPATIBLE].unless(entry)
    variable = (provider or entry).api_key_variable
    key = os.environ.get(variable, "") if variable else ""
    spec = ModelSpec(
        key=entry.key,
        base_url=address_of(provider.kind, provider.base_url) if provider else entry.base_url,
        api_key=key,
        name=entry.name,
        price_in=entry.price_in,
        price_out=entry.price_out,
        window_tokens=entry.window_tokens,
        takes_schema=able.takes_schema,
        takes_tools=able.takes_tools,
        streams=able.streams,
        roles=entry.roles,
        provider=provider.key if provider else "",
        calls_at_once=provider.calls_at_once if provider else None,
        api_version=provider.api_version if provider else "",
        tokenizer=str(folder / entry.tokenizer) if entry.tokenizer else "",
    )
    complaints = (f"the environment variable {variable} is not set.",) if variable and not key else ()
    return Entry(spec, Origin.FILE, entry.fallback, complaints)
