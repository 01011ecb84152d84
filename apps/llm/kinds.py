"""Kinds of providers: what is known of each before its models say more. No Django here."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

# What belongs to the platform itself: naming one of these as a model's key would send it to that model's endpoint.
OWN_SECRETS = frozenset(
    {
        "CREDENTIALS_KEYS",
        "DATABASE_OWNER_URL",
        "DATABASE_URL",
        "JWT_SIGNING_KEYS",
        "MAIL_PASSWORD",
        "METRICS_TOKEN",
        "OIDC_CLIENT_SECRET",
        "REDIS_URL",
        "SECRET_KEY",
        "WEB_RESEARCH_KEY",
    }
)
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class Kind(StrEnum):
    """Whose API it is. Each speaks OpenAI's; they differ in address and abilities."""

    OPENAI = "openai"
    AZURE = "azure"
    DEEPSEEK = "deepseek"
    OLLAMA = "ollama"
    VLLM = "vllm"
    COMPATIBLE = "compatible"


class Said(Protocol):
    """What a description says of a model's abilities; None where it says nothing."""

    @property
    def takes_schema(self) -> bool | None: ...

    @property
    def takes_tools(self) -> bool | None: ...

    @property
    def streams(self) -> bool | None: ...


@dataclass(frozen=True)
class Preset:
    """What holds for a kind's models unless they say otherwise. Without `base_url` the provider has to name one."""

    base_url: str | None
    takes_schema: bool
    takes_tools: bool
    streams: bool

    def unless(self, said: Said) -> "Preset":
        """The same with the abilities that a model's description says."""
        return replace(
            self,
            takes_schema=self.takes_schema if said.takes_schema is None else said.takes_schema,
            takes_tools=self.takes_tools if said.takes_tools is None else said.takes_tools,
            streams=self.streams if said.streams is None else said.streams,
        )


PRESETS = {
    Kind.OPENAI: Preset("https://api.openai.com/v1", takes_schema=True, takes_tools=True, streams=True),
    Kind.AZURE: Preset(None, takes_schema=True, takes_tools=True, streams=True),
    # It knows JSON objects, but no schema for them.
    Kind.DEEPSEEK: Preset("https://api.deepseek.com", takes_schema=False, takes_tools=True, streams=True),
    # Tools depend on the model's template there, and on how the server was started with vLLM.
    Kind.OLLAMA: Preset("http://127.0.0.1:11434/v1", takes_schema=True, takes_tools=False, streams=True),
    Kind.VLLM: Preset("http://127.0.0.1:8000/v1", takes_schema=True, takes_tools=False, streams=True),
    Kind.COMPATIBLE: Preset(None, takes_schema=True, takes_tools=False, streams=False),
}


def check_key_variable(name: str) -> str:
    """The name itself, if it may hold a model's key. Raises ValueError that says what is wrong."""
    if not VARIABLE.fullmatch(name):
        raise ValueError("a variable's name is made of letters, digits and underscores")
    if name.upper() in OWN_SECRETS:
        raise ValueError("this variable holds a secret of the platform itself")
    return name


def address_of(kind: Kind, base_url: str | None) -> str:
    """The address named, else that of the kind. Raises ValueError where there is neither."""
    address = base_url or PRESETS[kind].base_url
    if not address:
        raise ValueError(f"a provider of the kind {kind} names its address")
    return address


def check_api_version(kind: Kind, api_version: str) -> str:
    """The version itself, if the kind has such. Raises ValueError."""
    if api_version and kind is not Kind.AZURE:
        raise ValueError("only Azure has versions of its API")
    return api_version
