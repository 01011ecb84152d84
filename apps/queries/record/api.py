"""REST routes of what is on record about a query: its trace, its dossier, and another run of it."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from apps.accounts.audit import record_audit
from apps.accounts.permissions import ASK, READ
from apps.llm.exchanges import exchanges_of
from apps.queries.api import HEADERS, QueryView, answered_when_ready, validated
from apps.queries.models import Query, Run
from apps.queries.record.dossier import dossier_json
from apps.queries.record.replaying import replay
from apps.queries.record.traces import Exchanges, trace_json
from apps.queries.seeing import visible_queries, visible_runs
from apps.queries.serializers import ReplaySerializer, check_models_are_used
from apps.queries.shapes import QueryShape
from apps.queries.work.waiting import preferred_wait


class RecordView(QueryView):
    """Reads the runs of a query that this person may see, and what was said to models where their role allows it."""

    def runs(self, query: Query) -> list[Run]:
        rows = visible_runs(self.principal, query).order_by("number").select_related("result")
        return list(rows.prefetch_related("steps", "charts"))

    def exchanges(self, runs: list[Run]) -> Exchanges:
        """Prompts and answers, by the ids of the calls; none for those who do not manage the organization."""
        found = [one for run in runs for one in exchanges_of(run.pk, self.principal)]
        return {one.call.pk: {"messages": one.messages, "answer": one.answer} for one in found}


class TraceView(RecordView):
    needs = {"GET": READ}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """All runs with their plans, steps and calls to models; prompts for those who manage the organization."""
        query = self.query(pk)
        runs = self.runs(query)
        return Response(trace_json(query, runs, self.exchanges(runs)))


class DossierView(RecordView):
    needs = {"GET": READ}
    rate_group = "export"

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """Everything on record about the query as one file; its `request` asks the same again."""
        query = self.query(pk)
        runs = self.runs(query)
        body = dossier_json(query, runs, self.exchanges(runs))
        record_audit("query.dossier_taken", principal=self.principal, target=query, runs=len(runs))
        return Response(body, headers={"Content-Disposition": f'attachment; filename="parley-{pk}.json"'})


class ReplayView(QueryView):
    needs = {"POST": ASK}
    rate_group = "ask"

    @extend_schema(request=ReplaySerializer, parameters=HEADERS[:1], responses={200: QueryShape, 202: QueryShape})
    def post(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """Ask a query of one's own again, as another run of it, with new rows and perhaps other models."""
        asked: Any = get_object_or_404(visible_queries(self.principal), pk=pk, user=self.principal.user)
        changes = validated(ReplaySerializer, request.data)
        check_models_are_used({**asked.options, **changes})
        query = replay(asked, principal=self.principal, changes=changes)
        return answered_when_ready(self, query, preferred_wait(request.headers.get("Prefer", "")))
