"""One JSON file with all that is on record about a query: to hand on, to keep, to run again elsewhere."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from apps.llm.exchanges import known_secrets
from apps.llm.redaction import redacted
from apps.queries.models import Query, Run
from apps.queries.presentation import charts_json, query_json, result_json
from apps.queries.prompts import versions
from apps.queries.record.traces import Exchanges, trace_json

FORMAT = "parley-dossier/1"
REQUESTED = (
    "engine", "clarification_mode", "reasoning_model", "implementation_model", "enable_charts", "web_research",
)  # fmt: skip


def dossier_json(query: Query, runs: Sequence[Run], exchanges: Exchanges) -> dict[str, Any]:
    """The query, what was asked for, the data source without its address, and every run whole.

    `request` is a body of `POST queries` as it stands. Secrets that found their way into any text are masked.
    """
    traced = trace_json(query, runs, exchanges)["runs"]
    whole = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "request": _request(query),
        "query": query_json(query),
        "data_source": _source(query),
        "prompts": versions(),
        "runs": [{**trace, **_outcome(query, run)} for trace, run in zip(traced, runs, strict=True)],
    }
    masked: dict[str, Any] = _masked(whole, known_secrets())
    return masked


def _request(query: Query) -> dict[str, Any]:
    options = {name: query.options[name] for name in REQUESTED if query.options.get(name) is not None}
    return {"question": query.question, "data_source": query.data_source.name, **options}


def _source(query: Query) -> dict[str, Any]:
    """What an answer depends on, and nothing of where the data source is."""
    source = query.data_source
    return {
        "name": source.name, "kind": source.kind, "schema_version": source.schema_version,
        "synced_at": source.synced_at and source.synced_at.isoformat(),
    }  # fmt: skip


def _outcome(query: Query, run: Run) -> dict[str, Any]:
    return {
        "sql": run.sql or None,
        "answer": run.answer or None,
        "assumptions": run.assumptions,
        "confidence": run.confidence,
        "rules_applied": run.rules_applied,
        "policy": run.policy or None,
        "models_used": run.models_used,
        "result": result_json(run),
        "charts": charts_json(query, run),
        "began_at": run.created_at.isoformat(),
        "ended_at": run.ended_at and run.ended_at.isoformat(),
    }


def _masked(value: Any, known: Sequence[str]) -> Any:
    """The same with secrets in its texts masked, however deep: by their form, and those of this installation."""
    if isinstance(value, str):
        return redacted(value, known)
    if isinstance(value, dict):
        return {name: _masked(inner, known) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner, known) for inner in value]
    return value
