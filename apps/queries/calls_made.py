"""The calls to models that a step made, as rows, in the step's own record, and what was said in them."""

from collections.abc import Sequence
from typing import Any

from apps.llm.calls import CallRecord
from apps.llm.exchanges import log_exchanges
from apps.llm.models import ModelCall
from apps.queries.models import Step


def save_calls(calls: Sequence[CallRecord], step: Step, *, correlation_id: str) -> None:
    """Write the calls of a saved step and keep what was said; within its transaction."""
    rows = ModelCall.objects.bulk_create(_row(call, step, correlation_id) for call in calls)
    log_exchanges(list(zip(rows, calls, strict=True)))


def call_json(call: CallRecord) -> dict[str, Any]:
    """A call as the step's detail tells it."""
    return {
        "purpose": call.purpose, "model": call.model, "outcome": str(call.outcome), "attempts": call.attempts,
        "duration_ms": call.duration_ms, "cost_usd": f"{call.cost_usd:f}",
        "tokens": {"prompt": call.prompt_tokens, "completion": call.completion_tokens},
    }  # fmt: skip


def _row(call: CallRecord, step: Step, correlation_id: str) -> ModelCall:
    return ModelCall(
        organization=step.organization, run_id=step.run_id, step_id=step.pk, purpose=call.purpose, model=call.model,
        outcome=call.outcome, prompt_tokens=call.prompt_tokens, completion_tokens=call.completion_tokens,
        cost_usd=call.cost_usd, duration_ms=call.duration_ms, attempts=call.attempts, correlation_id=correlation_id,
    )  # fmt: skip
