"""One model at one endpoint, as plain values. No Django here."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit

from apps.llm.tokens import count_tokens

OPENAI_HOST = "api.openai.com"  # where the openai package turns without an address
MILLION = Decimal(1_000_000)
DEFAULT_WINDOW_TOKENS = 32_768


class Role(StrEnum):
    """What a model is used for: finding out what is meant, carrying it out, small steps, and vectors of texts."""

    REASONING = "reasoning"
    IMPLEMENTATION = "implementation"
    FAST = "fast"
    EMBEDDING = "embedding"


@dataclass(frozen=True)
class ModelSpec:
    """`key` is what requests and records call the model, `name` what its endpoint calls it.

    Prices are US dollars for a million tokens; `window_tokens` bounds prompt and answer together. Without `base_url`
    the openai package's own address holds; `api_version` is Azure's. `provider` names who is behind the address: its
    circuit breaker and its `calls_at_once` (None: no cap of its own) are shared by its models. `takes_schema` is False
    for endpoints known not to take a JSON schema, `takes_tools` True for those that call functions, `streams` True
    where answers come piece by piece. `tokenizer` is a tokenizer.json file that counts this model's tokens exactly.
    Where this model fails, `fallback` is asked.
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
    provider: str = ""
    calls_at_once: int | None = None
    takes_tools: bool = False
    streams: bool = False
    api_version: str = ""
    tokenizer: str = ""
    fallback: "ModelSpec | None" = None

    @property
    def endpoint_name(self) -> str:
        return self.name or self.key

    @property
    def only_embeds(self) -> bool:
        """True for a model that makes vectors and nothing else: no question may go to it."""
        return self.roles == {Role.EMBEDDING}

    @property
    def host(self) -> str:
        """Host and port behind the address; stands for the provider where none is named."""
        return urlsplit(self.base_url).netloc if self.base_url else OPENAI_HOST

    def count(self, text: str) -> int:
        """The tokens of a text: exact where the registry names a tokenizer that can be read, else no fewer."""
        return count_tokens(text, self.tokenizer)

    def cost(self, *, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What a call costs in US dollars, exactly."""
        return (self.price_in * prompt_tokens + self.price_out * completion_tokens) / MILLION


@dataclass(frozen=True)
class ModelsByRole:
    """The models that one query uses; without one for small steps, the implementation model takes them."""

    reasoning: ModelSpec
    implementation: ModelSpec
    fast: ModelSpec | None = None

    @property
    def small(self) -> ModelSpec:
        """The one for small steps."""
        return self.fast or self.implementation
