"""Health for load balancers and people, metrics for Prometheus."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import MANAGE, OrganizationView
from apps.monitoring.health import Check, detailed_checks, ready_checks


def report(checks: Sequence[Check]) -> Response:
    """200 if all is well, 503 with the same body if anything is not."""
    ok = all(check.ok for check in checks)
    body = {"status": "ok" if ok else "failing", "checks": [asdict(check) for check in checks]}
    return Response(body, status=200 if ok else 503)


class LiveView(APIView):
    """The process answers. Asks nothing else, so that a database outage restarts no web process."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(APIView):
    """The process can do its work: database and Redis answer."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 503: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return report(ready_checks())


class DetailedView(OrganizationView):
    """Every dependency with its time, for administrators."""

    needs = {"GET": MANAGE}

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 503: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return report(detailed_checks())


def prometheus_metrics(request: HttpRequest) -> HttpResponse:
    """All processes' metrics in Prometheus' text format."""
    response: Any = ExportToDjangoView(request)
    return HttpResponse(response.content, content_type=response["Content-Type"])
