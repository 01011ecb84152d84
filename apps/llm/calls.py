"""What is known of one finished call to a model, before it is written down. No Django here."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class CallOutcome(StrEnum):
    """How a call ended; the same values as ModelCall.Outcome, for code that knows no Django."""

    OK = "ok"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    UNUSABLE = "unusable"
    CACHED = "cached"
    CIRCUIT_OPEN = "circuit_open"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One exchange: `outcome` is a value of ModelCall.Outcome, `cost_usd` exact, `attempts` counts retries in.

    `purpose` names the prompt and its version where there is one ("readings/1"). `messages` are what was sent, as
    (role, content), and `answer` what came back: for the log of prompts, which redacts them.
    """

    purpose: str
    model: str
    outcome: str
    duration_ms: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    attempts: int = 1
    messages: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    answer: str = field(default="", repr=False)
