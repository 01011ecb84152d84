"""REST route of a query's charts as pictures."""

import hashlib
import uuid

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as HttpRequest

from apps.accounts.permissions import READ
from apps.common.errors import NotFound
from apps.queries.api import QueryView
from apps.queries.charts import draw_png, draw_svg
from apps.queries.models import Chart

CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
SCALE = OpenApiParameter("scale", int, description="Pixels for a point, 1 to 4; PNG only.", default=2)
SCALES = ("1", "2", "3", "4")
# Browsers may keep a picture, but ask each time whether it is still theirs to see.
CACHE_CONTROL = "private, no-cache"


class ChartImageView(QueryView):
    needs = {"GET": READ}
    rate_group = "export"

    @extend_schema(parameters=[SCALE], responses={200: OpenApiTypes.BINARY})
    def get(self, request: HttpRequest, pk: uuid.UUID, number: int, extension: str) -> HttpResponseBase:
        """A chart of the query as a picture, counted from 0."""
        if extension not in CONTENT_TYPES:
            raise NotFound(f"There is no format {extension!r}; there are {', '.join(CONTENT_TYPES)}.")
        scale = request.query_params.get("scale", "2")
        if scale not in SCALES:
            raise ValidationError({"scale": [f"One of {', '.join(SCALES)}."]})
        run = self.query(pk).last_run
        charts = list(run.charts.all()) if run else []
        if number >= len(charts):
            raise NotFound("There is no such chart.")
        return _picture(request, charts[number], extension, int(scale))


def _picture(request: HttpRequest, chart: Chart, extension: str, scale: int) -> HttpResponseBase:
    """The picture, or only that it has not changed: a chart is never written twice."""
    etag = f'"{hashlib.sha256(f"{chart.pk}.{extension}.{scale}".encode()).hexdigest()[:32]}"'
    known = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    response: HttpResponse
    if etag in known or "*" in known:
        response = HttpResponseNotModified()
    else:
        body: str | bytes = draw_svg(chart.spec) if extension == "svg" else draw_png(chart.spec, scale)
        response = HttpResponse(body, content_type=CONTENT_TYPES[extension])
        response["Content-Disposition"] = f'inline; filename="chart.{extension}"'
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = etag
    response["Cache-Control"] = CACHE_CONTROL
    return response
