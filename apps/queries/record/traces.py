"""A run with its steps, and each step with its calls to models: the trace, for REST and the dossier."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from apps.llm.models import ModelCall
from apps.queries.models import Query, Run
from apps.queries.presentation import money_text, step_json

Exchanges = Mapping[Any, Mapping[str, Any]]  # what was said in calls, by the calls' ids


def trace_json(query: Query, runs: Sequence[Run], exchanges: Exchanges) -> dict[str, Any]:
    """All these runs; `exchanges` holds prompts and answers of the calls whose reader may see them."""
    calls = _calls_by_step(query, runs)
    return {"query": str(query.pk), "runs": [run_json(run, calls, exchanges) for run in runs]}


def run_json(run: Run, calls: Mapping[Any, Sequence[ModelCall]], exchanges: Exchanges) -> dict[str, Any]:
    """One run: its plan, its outcome, its steps in order and what each step's models were asked."""
    steps = list(run.steps.all())
    return {
        "number": run.number,
        "status": run.status,
        "engine": run.engine or None,
        "plan": run.plan,
        "replans": run.replans,
        "busy_ms": run.busy_ms,
        "steps": [
            {**step_json(step), "calls": [_call_json(call, exchanges.get(call.pk)) for call in calls.get(step.pk, ())]}
            for step in steps
        ],
    }


def _calls_by_step(query: Query, runs: Sequence[Run]) -> dict[Any, list[ModelCall]]:
    found: dict[Any, list[ModelCall]] = defaultdict(list)
    rows = ModelCall.objects.for_org(query.organization).filter(run_id__in=[run.pk for run in runs])
    for call in rows.order_by("id"):
        found[call.step_id].append(call)
    return found


def _call_json(call: ModelCall, said: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "purpose": call.purpose,
        "model": call.model,
        "outcome": call.outcome,
        "attempts": call.attempts,
        "duration_ms": call.duration_ms,
        "tokens": {"prompt": call.prompt_tokens, "completion": call.completion_tokens},
        "cost_usd": money_text(call.cost_usd),
        **({"exchange": dict(said)} if said is not None else {}),
    }
