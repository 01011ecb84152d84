"""A query in the contract's shape, the same for REST, events, pages and commands."""

from typing import Any

from apps.clarification.presentation import clarification_json
from apps.queries.feedback.presentation import own_feedback_json
from apps.queries.models import Chart, Query, Result, Run, Step


def query_json(query: Query) -> dict[str, Any]:
    """The query with its last run. Expects `Query.objects.with_record()` so that it reads nothing more."""
    run = query.last_run
    steps = list(run.steps.all()) if run else []
    return {
        "id": str(query.pk),
        "status": query.status,
        "stage": query.stage or None,
        "question": query.question,
        "data_source": query.data_source.name,
        "conversation": query.conversation_id and str(query.conversation_id),
        "created_at": query.created_at.isoformat(),
        "answer": query.answer or None,
        "assumptions": run.assumptions if run else [],
        "confidence": run.confidence if run else None,
        "verified": bool(run and run.verified_at),
        "verified_by": (run.verified_by or None) if run else None,
        "verified_at": run.verified_at.isoformat() if run and run.verified_at else None,
        "verified_query": str(run.verified_query_id) if run and run.verified_query_id else None,
        "rules_applied": run.rules_applied if run else [],
        "engine": (run.engine or None) if run else None,
        "sql": (run.sql or None) if run else None,
        "result": result_json(run),
        "charts": [chart_entry(chart) for chart in run.charts.all()] if run else [],
        "clarification": _clarification_json(query),
        "suggestions": run.suggestions if run else [],
        "feedback": own_feedback_json(query),
        "data_sources": [step_json(step) for step in steps],
        "metadata": _metadata(query, run, steps),
        "error": {"code": query.error_code, "message": query.error_message} if query.error_code else None,
        "correlation_id": query.correlation_id,
        "links": links(query),
    }


def summary_json(query: Query) -> dict[str, Any]:
    """A query as a line of the history."""
    return {
        "id": str(query.pk),
        "status": query.status,
        "stage": query.stage or None,
        "question": query.question,
        "data_source": query.data_source.name,
        "asked_by": query.user.email if query.user else None,
        "answer": query.answer or None,
        "created_at": query.created_at.isoformat(),
        "ended_at": query.ended_at and query.ended_at.isoformat(),
        "links": links(query),
    }


def links(query: Query) -> dict[str, str]:
    base = f"/api/v1/queries/{query.pk}"
    return {
        "self": base, "events": f"{base}/events", "result": f"{base}/result.csv", "trace": f"{base}/trace",
        "dossier": f"{base}/dossier",
    }  # fmt: skip


def step_json(step: Step) -> dict[str, Any]:
    """One step: the contract's fields first, then what this kind of step adds."""
    return {
        "step": step.number,
        "agent": step.agent,
        "type": step.type,
        "action": step.action,
        "status": step.status,
        "duration_ms": step.duration_ms,
        "model": step.model or None,
        "tokens": step.tokens,
        "cost_usd": None if step.cost_usd is None else money_text(step.cost_usd),
        **step.detail,
    }


def chart_entry(chart: Chart) -> dict[str, Any]:
    """A chart with its data."""
    return {"title": chart.title, "kind": chart.kind, "spec": chart.spec}


def result_json(run: Run | None) -> dict[str, Any] | None:
    """The rows that a run brought; None where it brought none."""
    result: Result | None = getattr(run, "result", None) if run else None
    if result is None:
        return None
    return {
        "columns": result.columns,
        "rows": result.rows,
        "row_count": result.row_count,
        "truncated": result.truncated,
        "read_at": (result.read_at or result.created_at).isoformat(),
    }


def _clarification_json(query: Query) -> dict[str, Any] | None:
    if query.clarification is None:
        return None
    return clarification_json(query.clarification, query.pk)


def _metadata(query: Query, run: Run | None, steps: list[Step]) -> dict[str, Any]:
    tokens = [step.tokens for step in steps if step.tokens]
    cost = sum((step.cost_usd for step in steps if step.cost_usd is not None), start=0)
    return {
        "models_used": run.models_used if run else {},
        "execution_time_ms": run.busy_ms if run else 0,
        "tokens": {kind: sum(one[kind] for one in tokens) for kind in ("prompt", "completion")},
        "cost_usd": money_text(cost),
        "cached": bool(run and getattr(run, "result", None) and run.result.is_kept),
        "replans": run.replans if run else 0,
        "plan": run.plan if run else [],
        "attempts": query.attempts,
    }


def money_text(amount: Any) -> str:
    """US dollars exactly, without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
