"""One model at one endpoint, as plain values. No Django here."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

MILLION = Decimal(1_000_000)
DEFAULT_WINDOW_TOKENS = 32_768


class Role(StrEnum):
    """What a model is used for: finding out what is meant, or carrying it out."""

    REASONING = "reasoning"
    IMPLEMENTATION = "implementation"


@dataclass(frozen=True)
class ModelSpec:
    """`key` is what requests and records call the model, `name` what its endpoint calls it.

    Prices are US dollars for a million tokens; `window_tokens` bounds prompt and answer together. Without `base_url`
    the openai package's own address holds. `takes_schema` is False for endpoints known not to take a JSON schema.
    """

    key: str
    base_url: str | None = None
    api_key: str = field(default="", repr=False)
    name: str = ""
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)
    window_tokens: int = DEFAULT_WINDOW_TOKENS
    takes_schema: bool = True
    roles: frozenset[Role] = frozenset()

    @property
    def endpoint_name(self) -> str:
        return self.name or self.key

    def cost(self, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What a call costs in US dollars, exactly."""
        return (self.price_in * prompt_tokens + self.price_out * completion_tokens) / MILLION


@dataclass(frozen=True)
class ModelsByRole:
    """The models that one query uses."""

    reasoning: ModelSpec
    implementation: ModelSpec
