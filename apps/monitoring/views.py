"""Health for load balancers and people, metrics for Prometheus."""

import hmac
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import MANAGE, OrganizationView
from apps.common.envelope import error_response
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
    """All processes' metrics in Prometheus' text format, for whoever sends METRICS_TOKEN."""
    if not may_scrape(request):
        return error_response("not_authenticated", "Send METRICS_TOKEN as a bearer token.", 401)
    response: Any = ExportToDjangoView(request)
    return HttpResponse(response.content, content_type=response["Content-Type"])


def may_scrape(request: HttpRequest) -> bool:
    """Open without a token only where the settings say so."""
    token = settings.PARLEY.metrics_token
    if token is None:
        return bool(settings.METRICS_ARE_OPEN)
    sent = request.headers.get("Authorization", "").encode()  # as bytes: text with other than ASCII is not compared
    return hmac.compare_digest(sent, f"Bearer {token.get_secret_value()}".encode())
