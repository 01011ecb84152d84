"""REST routes of what is on record about a query: its trace, its dossier, and another run of it."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from apps.accounts.permissions import ASK, READ
from apps.queries.api import HEADERS, QueryView, answered_when_ready, validated
from apps.queries.record.handing_out import take_dossier, trace_for
from apps.queries.record.replaying import replay
from apps.queries.seeing import visible_queries
from apps.queries.serializers import ReplaySerializer, check_models_are_used
from apps.queries.shapes import QueryShape
from apps.queries.work.waiting import preferred_wait


class TraceView(QueryView):
    needs = {"GET": READ}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """All runs with their plans, steps and calls to models; prompts for those who manage the organization."""
        return Response(trace_for(self.principal, self.query(pk)))


class DossierView(QueryView):
    needs = {"GET": READ}
    rate_group = "export"

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: HttpRequest, pk: uuid.UUID) -> Response:
        """Everything on record about the query as one file; its `request` asks the same again."""
        body = take_dossier(self.principal, self.query(pk))
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
