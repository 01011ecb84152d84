"""Models from a TOML file, so that one installation can offer several; keys stay in the environment. No Django here."""

import os
import tomllib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from apps.common.endpoints import check_endpoint
from apps.common.errors import AppError
from apps.llm.spec import DEFAULT_WINDOW_TOKENS, ModelSpec, Role


class RegistryBroken(AppError):
    """The file of models cannot be used."""

    code = "registry_broken"
    status = 500


class _Entry(BaseModel):
    """One `[[models]]` table. `api_key_variable` names the environment variable that holds the key."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=1, max_length=150)
    name: str = ""
    base_url: str | None = None
    api_key_variable: str | None = None
    price_in: Decimal = Field(default=Decimal(0), ge=0)
    price_out: Decimal = Field(default=Decimal(0), ge=0)
    window_tokens: int = Field(default=DEFAULT_WINDOW_TOKENS, ge=2_000)
    takes_schema: bool = True
    roles: frozenset[Role] = frozenset()

    @field_validator("base_url")
    @classmethod
    def _is_an_endpoint(cls, url: str | None) -> str | None:
        return None if url is None else check_endpoint(url)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    models: list[_Entry]


def read_models(path: Path) -> tuple[ModelSpec, ...]:
    """The models of a file, read again when it changes. Raises RegistryBroken naming what is wrong in it."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise RegistryBroken("The file that MODELS_FILE names cannot be read.") from error
    except tomllib.TOMLDecodeError as error:
        raise RegistryBroken("The file that MODELS_FILE names is no TOML.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RegistryBroken(f"In the file that MODELS_FILE names, {where}: {first['msg']}.") from error


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> tuple[ModelSpec, ...]:
    entries = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)).models
    return tuple(
        ModelSpec(
            key=entry.key,
            base_url=entry.base_url,
            api_key=os.environ.get(entry.api_key_variable, "") if entry.api_key_variable else "",
            name=entry.name,
            price_in=entry.price_in,
            price_out=entry.price_out,
            window_tokens=entry.window_tokens,
            takes_schema=entry.takes_schema,
            roles=entry.roles,
        )
        for entry in entries
    )
