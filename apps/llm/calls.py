"""What is known of one finished call to a model, before it is written down. No Django here."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One exchange: `outcome` is a value of ModelCall.Outcome, `cost_usd` exact, `attempts` counts retries in."""

    purpose: str
    model: str
    outcome: str
    duration_ms: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    attempts: int = 1
