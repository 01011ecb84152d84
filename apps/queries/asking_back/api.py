"""REST routes of clarifications. They stand here because answering one sends its query on its way."""

import uuid
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import ASK, READ
from apps.clarification.models import Clarification
from apps.clarification.presentation import clarification_json
from apps.common.pagination import NewestFirst
from apps.monitoring.views import report
from apps.queries.api import HEADERS, QueryView, answered_when_ready, validated
from apps.queries.asking_back.analyzing import analysis_json, analyze_question
from apps.queries.asking_back.figures import Span, clarification_checks, clarification_figures, switches
from apps.queries.seeing import visible_queries
from apps.queries.serializers import (
    AnalyzeSerializer,
    AnswersSerializer,
    ClarificationFilterSerializer,
    FiguresSerializer,
)
from apps.queries.services import Request as AskRequest
from apps.queries.services import answer_and_go_on, dismiss_and_go_on
from apps.queries.shapes import AnalysisShape, ClarificationPageShape, ClarificationShape, QueryShape
from apps.queries.work.waiting import preferred_wait


class ClarificationView(QueryView):
    """Fetches one clarification that this person may see."""

    def shown(self) -> Any:
        """Options tell of columns and previews of rows, so they are shown where the query's result would be."""
        seen = visible_queries(self.principal).filter(is_covered=True)
        rows = Clarification.objects.for_org(self.org).filter(query__in=seen.values("pk"))
        return rows.select_related("query", "organization")

    def clarification(self, pk: uuid.UUID) -> Clarification:
        found: Clarification = get_object_or_404(self.shown().prefetch_related("questions"), pk=pk)
        return found

    def mine(self, pk: uuid.UUID) -> Clarification:
        """One that this person was asked: nobody answers for somebody else."""
        found: Clarification = get_object_or_404(self.shown(), pk=pk, asked_of=self.principal.user)
        return found


class ClarificationsView(ClarificationView):
    needs = {"GET": READ}
    filters = tuple(ClarificationFilterSerializer().fields)

    @extend_schema(
        operation_id="clarifications_list", parameters=[ClarificationFilterSerializer],
        responses=ClarificationPageShape,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Clarifications, newest first."""
        page = NewestFirst()
        found: Any = page.paginate_queryset(self._wanted(request), request, view=self)
        return page.get_paginated_response([clarification_json(one, one.query.pk) for one in found or []])

    def _wanted(self, request: Request) -> Any:
        parameters = {name: request.query_params[name] for name in self.filters if name in request.query_params}
        wanted = validated(ClarificationFilterSerializer, parameters)
        rows = self.shown().prefetch_related("questions")
        if "status" in wanted:
            rows = rows.filter(status=wanted["status"])
        if "data_source" in wanted:
            rows = rows.filter(query__data_source=self.source(wanted["data_source"]))
        return rows


class OneClarificationView(ClarificationView):
    needs = {"GET": READ, "DELETE": ASK}

    @extend_schema(responses=ClarificationShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One clarification."""
        found = self.clarification(pk)
        return Response(clarification_json(found, found.query.pk))

    @extend_schema(parameters=HEADERS[:1], responses={200: QueryShape, 202: QueryShape})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Dismiss: go on with the stated assumptions."""
        query = dismiss_and_go_on(self.mine(pk))
        return answered_when_ready(self, query, preferred_wait(request.headers.get("Prefer", "")))


class AnswersView(ClarificationView):
    needs = {"POST": ASK}

    @extend_schema(
        request=AnswersSerializer, parameters=HEADERS[:1],
        responses={200: QueryShape, 202: QueryShape},
    )  # fmt: skip
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Answer the open questions; the query goes on."""
        body = validated(AnswersSerializer, request.data)
        query = answer_and_go_on(self.mine(pk), body["answers"], remember=body["remember"])
        return answered_when_ready(self, query, preferred_wait(request.headers.get("Prefer", "")))


class AnalyzeView(QueryView):
    needs = {"POST": ASK}
    rate_group = "ask"

    @extend_schema(request=AnalyzeSerializer, responses=AnalysisShape)
    def post(self, request: Request) -> Response:
        """What would be asked back about a question, and its readings with previews: nothing is answered or kept."""
        asked = validated(AnalyzeSerializer, request.data)
        source, conversation = self.source(asked["data_source"]), self.conversation(asked["conversation"])
        wanted = AskRequest(asked["question"], source, {}, conversation)
        return Response(analysis_json(analyze_question(principal=self.principal, request=wanted)))


class FiguresView(QueryView):
    needs = {"GET": READ}

    @extend_schema(parameters=[FiguresSerializer], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """How often the organization was asked back, what became of it and how long answers took."""
        wanted = validated(FiguresSerializer, request.query_params.dict())
        since = timezone.now() - timedelta(days=wanted["days"])
        source = self.source(wanted["data_source"]) if "data_source" in wanted else None
        return Response(clarification_figures(self.org, Span(since, source)))


class HealthView(QueryView):
    needs = {"GET": READ}

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 503: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """Whether all that asking back needs is at work, and where it is switched on."""
        response = report(clarification_checks(self.org))
        response.data["enabled"] = switches(self.org)
        return response
