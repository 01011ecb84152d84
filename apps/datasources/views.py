"""REST routes of data sources."""

import uuid
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import MANAGE, READ, OrganizationView
from apps.common.pagination import NewestFirst
from apps.datasources.models import DataSource
from apps.datasources.serializers import (
    DataSourceChangeSerializer,
    DataSourceSerializer,
    data_source_json,
    fields_in,
    override_in,
    schema_json,
)
from apps.datasources.services import (
    access_of,
    create_data_source,
    delete_data_source,
    sync_data_source,
    test_data_source,
    update_data_source,
)
from apps.datasources.source_functions import allow_functions
from apps.datasources.uploads.services import forget_upload


class DataSourceView(OrganizationView):
    """Fetches one data source of the organization. What connects somewhere is limited more tightly."""

    def group_for(self, request: Request) -> str:
        return "source" if request.method in ("POST", "PATCH") else self.rate_group

    def source(self, pk: uuid.UUID) -> DataSource:
        rows = DataSource.objects.for_org(self.org).select_related("organization")
        found: DataSource = get_object_or_404(rows, pk=pk)
        return found


class DataSourcesView(DataSourceView):
    needs = {"GET": READ, "POST": MANAGE}

    @extend_schema(operation_id="data_sources_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Data sources, newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(DataSource.objects.for_org(self.org), request, view=self)
        return page.get_paginated_response([data_source_json(source) for source in rows])

    @extend_schema(request=DataSourceSerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Add a source. Test and sync it next."""
        body = DataSourceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        source = create_data_source(
            organization=self.org,
            principal=self.principal,
            override=override_in(body.validated_data, self.principal),
            **fields_in(body.validated_data),
        )
        return Response(data_source_json(source), status=201)


class OneDataSourceView(DataSourceView):
    needs = {"GET": READ, "PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One source."""
        return Response(data_source_json(self.source(pk)))

    @extend_schema(request=DataSourceChangeSerializer(partial=True), responses=OpenApiTypes.OBJECT)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change a source; what is not named stays."""
        source = self.source(pk)
        body = DataSourceChangeSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = fields_in(body.validated_data)
        functions = changes.pop("allowed_functions", None)
        with transaction.atomic():
            changed = update_data_source(
                source,
                principal=self.principal,
                override=override_in(body.validated_data, self.principal),
                keep_override=body.validated_data.get("allow_writable_role", True),
                **changes,
            )
            if functions is not None:
                changed = allow_functions(changed, functions, principal=self.principal)
        return Response(data_source_json(changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Remove a source with everything that was asked of it."""
        source = self.source(pk)
        delete_data_source(source, principal=self.principal)
        forget_upload(source)
        return Response(status=204)


class TestView(DataSourceView):
    needs = {"POST": MANAGE}

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Connect once and say how it went."""
        return Response(test_data_source(self.source(pk), principal=self.principal))


class SyncView(DataSourceView):
    needs = {"POST": MANAGE}

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Read the schema and the values anew."""
        return Response(data_source_json(sync_data_source(self.source(pk), principal=self.principal)))


class SchemaView(DataSourceView):
    needs = {"GET": READ}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The tables and columns that this person may read."""
        return Response(schema_json(access_of(self.principal, self.source(pk)).schema))
