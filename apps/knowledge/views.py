"""REST routes of the glossary: members read it, analysts keep it."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.accounts.permissions import READ, Need, OrganizationView
from apps.common.pagination import NewestFirst
from apps.datasources.models import DataSource
from apps.datasources.services import access_of
from apps.knowledge.models import GlossaryTerm
from apps.knowledge.serializers import TermChangeSerializer, TermSerializer, term_json
from apps.knowledge.terms import create_term, delete_term, may_see_meaning, update_term

KEEP = Need(Role.ANALYST, "manage")


class GlossaryView(OrganizationView):
    """Fetches the organization's terms, and shows of each what this person may see."""

    def terms(self) -> Any:
        return GlossaryTerm.objects.for_org(self.org).select_related("data_source__organization", "author")

    def shown(self, terms: list[GlossaryTerm]) -> list[dict[str, Any]]:
        sources = {term.data_source for term in terms if term.data_source}
        accesses = {source: access_of(self.principal, source) for source in sources}
        return [
            term_json(term, with_meaning=not term.data_source or may_see_meaning(term, accesses[term.data_source]))
            for term in terms
        ]


class TermsView(GlossaryView):
    needs = {"GET": READ, "POST": KEEP}

    @extend_schema(operation_id="glossary_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Terms, newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(self.terms(), request, view=self)
        return page.get_paginated_response(self.shown(list(rows)))

    @extend_schema(request=TermSerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Add a term: questions that use it, or a synonym of it, find what it means."""
        body = TermSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data)
        named = fields.pop("data_source", None)
        source = get_object_or_404(DataSource.objects.for_org(self.org), pk=named) if named else None
        made = create_term(principal=self.principal, data_source=source, **fields)
        return Response(self.shown([made])[0], status=201)


class OneTermView(GlossaryView):
    needs = {"GET": READ, "PATCH": KEEP, "DELETE": KEEP}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One term."""
        return Response(self.shown([get_object_or_404(self.terms(), pk=pk)])[0])

    @extend_schema(request=TermChangeSerializer(partial=True), responses=OpenApiTypes.OBJECT)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change what is given of a term."""
        stored = get_object_or_404(self.terms(), pk=pk)
        body = TermChangeSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(self.shown([update_term(stored, principal=self.principal, **body.validated_data)])[0])

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Remove a term."""
        delete_term(get_object_or_404(self.terms(), pk=pk), principal=self.principal)
        return Response(status=204)
