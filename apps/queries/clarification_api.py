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
from apps.queries.serializers import AnswersSerializer
from apps.queries.services import answer_and_go_on, dismiss_and_go_on
from apps.queries.shapes import ClarificationPageShape, ClarificationShape, QueryShape
from apps.queries.waiting import preferred_wait


class ClarificationView(QueryView):
    """Fetches one clarification of the organization."""

    def clarification(self, pk: uuid.UUID) -> Clarification:
        rows = Clarification.objects.for_org(self.org).select_related("query", "organization")
        found: Clarification = get_object_or_404(rows.prefetch_related("questions"), pk=pk)
        return found

    def mine(self, pk: uuid.UUID) -> Clarification:
        """One that this person was asked: nobody answers for somebody else."""
        rows = Clarification.objects.for_org(self.org).select_related("query", "organization")
        found: Clarification = get_object_or_404(rows, pk=pk, asked_of=self.principal.user)
        return found


class ClarificationsView(ClarificationView):
    needs = {"GET": READ}

    @extend_schema(operation_id="clarifications_list", responses=ClarificationPageShape)
    def get(self, request: Request) -> Response:
        """Clarifications, newest first."""
        page = NewestFirst()
        rows = Clarification.objects.for_org(self.org).filter(query__isnull=False).select_related("query")
        found: Any = page.paginate_queryset(rows.prefetch_related("questions"), request, view=self)
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
        query = answer_and_go_on(self.mine(pk), body["answers"])
        return answered_when_ready(self, query, preferred_wait(request.headers.get("Prefer", "")))
