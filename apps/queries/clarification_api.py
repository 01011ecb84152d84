"""REST routes of clarifications. They stand here because answering one sends its query on its way."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import ASK, READ
from apps.clarification.models import Clarification
from apps.clarification.presentation import clarification_json
from apps.common.pagination import NewestFirst
from apps.queries.api import HEADERS, QueryView, answered_when_ready, validated
from apps.queries.seeing import visible_queries
from apps.queries.serializers import AnswersSerializer
from apps.queries.services import answer_and_go_on, dismiss_and_go_on
from apps.queries.shapes import ClarificationPageShape, ClarificationShape, QueryShape
from apps.queries.waiting import preferred_wait


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

    @extend_schema(operation_id="clarifications_list", responses=ClarificationPageShape)
    def get(self, request: Request) -> Response:
        """Clarifications, newest first."""
        page = NewestFirst()
        found: Any = page.paginate_queryset(self.shown().prefetch_related("questions"), request, view=self)
        return page.get_paginated_response([clarification_json(one, one.query.pk) for one in found or []])


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
