"""REST routes of verified queries. They stand here because an evaluation may be required before one is approved."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import ASK, READ
from apps.accounts.permissions import REVIEW as CURATE
from apps.accounts.shapes import page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import (
    change_verified_query,
    propose_verified_query,
    retire_verified_query,
)
from apps.queries.api import QueryView, validated
from apps.queries.evaluations.gate import approve_where_required
from apps.queries.evaluations.presentation import verified_query_json
from apps.queries.evaluations.serializers import (
    VerifiedQueryChangeSerializer,
    VerifiedQueryFilterSerializer,
    VerifiedQuerySerializer,
)
from apps.queries.evaluations.shapes import VerifiedQueryShape
from apps.queries.seeing import visible_verified_queries


class VerifiedQueryView(QueryView):
    """Fetches verified queries that this person may see."""

    def shown(self) -> Any:
        return visible_verified_queries(self.principal).select_related(
            "data_source", "author", "reviewer", "organization"
        )

    def verified(self, pk: uuid.UUID) -> VerifiedQuery:
        found: VerifiedQuery = get_object_or_404(self.shown(), pk=pk)
        return found


class VerifiedQueriesView(VerifiedQueryView):
    needs = {"GET": READ, "POST": ASK}
    filters = tuple(VerifiedQueryFilterSerializer().fields)

    @extend_schema(
        operation_id="verified_queries_list", parameters=[VerifiedQueryFilterSerializer],
        responses=page_of(VerifiedQueryShape),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Verified queries, newest first."""
        wanted = validated(VerifiedQueryFilterSerializer, request.query_params.dict())
        rows = self.shown()
        if "state" in wanted:
            rows = rows.filter(state=wanted["state"])
        if "data_source" in wanted:
            rows = rows.filter(data_source=self.source(wanted["data_source"]))
        if "search" in wanted:
            rows = rows.filter(question__icontains=wanted["search"])
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows, request, view=self)
        return page.get_paginated_response([verified_query_json(one) for one in found])

    @extend_schema(request=VerifiedQuerySerializer, responses={201: VerifiedQueryShape})
    def post(self, request: Request) -> Response:
        """Propose a question with its SQL."""
        body = checked(VerifiedQuerySerializer, request)
        source = self.source(body.pop("data_source"))
        made = propose_verified_query(principal=self.principal, source=source, **body)
        return Response(verified_query_json(made), status=201)


class OneVerifiedQueryView(VerifiedQueryView):
    needs = {"GET": READ, "PATCH": CURATE}

    @extend_schema(responses=VerifiedQueryShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One verified query."""
        return Response(verified_query_json(self.verified(pk)))

    @extend_schema(request=VerifiedQueryChangeSerializer(partial=True), responses=VerifiedQueryShape)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change it. Another question or other SQL has to be approved anew; a retired one is proposed again."""
        verified = self.verified(pk)
        body = checked(VerifiedQueryChangeSerializer, request, partial=True)
        return Response(verified_query_json(change_verified_query(verified, principal=self.principal, **body)))


class ApproveView(VerifiedQueryView):
    needs = {"POST": CURATE}

    @extend_schema(request=None, responses=VerifiedQueryShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Stand for a proposed one: its SQL is the right answer to its question."""
        return Response(verified_query_json(approve_where_required(self.verified(pk), principal=self.principal)))


class RetireView(VerifiedQueryView):
    needs = {"POST": CURATE}

    @extend_schema(request=None, responses=VerifiedQueryShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Take it out of use."""
        return Response(verified_query_json(retire_verified_query(self.verified(pk), principal=self.principal)))
