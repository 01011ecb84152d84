"""What is on record about a query, as one person may see it: its runs, its trace, its dossier."""

from typing import Any

from apps.accounts.audit import record_audit
from apps.accounts.principal import Principal
from apps.llm.exchanges import exchanges_of
from apps.queries.models import Query, Run
from apps.queries.record.dossier import dossier_json
from apps.queries.record.traces import Exchanges, trace_json
from apps.queries.seeing import visible_runs


def trace_for(principal: Principal, query: Query) -> dict[str, Any]:
    """All runs that this person may see, with prompts and answers where their role allows it."""
    runs = _runs(principal, query)
    return trace_json(query, runs, _exchanges(principal, runs))


def take_dossier(principal: Principal, query: Query) -> dict[str, Any]:
    """Everything on record about the query as one file, which the audit log says was taken."""
    runs = _runs(principal, query)
    body = dossier_json(query, runs, _exchanges(principal, runs))
    record_audit("query.dossier_taken", principal=principal, target=query, runs=len(runs))
    return body


def _runs(principal: Principal, query: Query) -> list[Run]:
    rows = visible_runs(principal, query).order_by("number").select_related("result")
    return list(rows.prefetch_related("steps", "charts"))


def _exchanges(principal: Principal, runs: list[Run]) -> Exchanges:
    """Prompts and answers, by the ids of the calls; none for those who do not manage the organization."""
    found = [one for run in runs for one in exchanges_of(run.pk, principal)]
    return {one.call.pk: {"messages": one.messages, "answer": one.answer} for one in found}
