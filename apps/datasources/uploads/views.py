"""The REST route of uploads."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import MANAGE, OrganizationView
from apps.common.serializers import StrictCharField, StrictSerializer
from apps.datasources.serializers import data_source_json
from apps.datasources.uploads.services import accept_upload


class UploadSerializer(StrictSerializer):
    """A file and the name of the data source that it becomes."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)  # so that it is refused like any other
    name = serializers.RegexField(r"^[a-z0-9][a-z0-9_-]*\Z", max_length=60)
    label = StrictCharField(max_length=150, required=False, default="")  # type: ignore[assignment]


class UploadsView(OrganizationView):
    needs = {"POST": MANAGE}
    parser_classes = (MultiPartParser,)
    rate_group = "source"

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """A CSV, TSV, Parquet or Excel file becomes a data source."""
        body = UploadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        source = accept_upload(principal=self.principal, **given)
        return Response(data_source_json(source), status=201)
