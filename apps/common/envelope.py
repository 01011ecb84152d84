"""One shape for every error that leaves the API: code, message, details, correlation id."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.common.errors import AppError, Unavailable

log = structlog.get_logger(__name__)
RETRY_SECONDS = 2

CODES = {
    400: "invalid_input",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}


def correlation_id() -> str:
    """The id that this request's log lines carry."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))


def error_body(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The envelope as a plain dictionary."""
    error: dict[str, Any] = {"code": code, "message": message, "correlation_id": correlation_id()}
    if details:
        error["details"] = dict(details)
    return {"error": error}


def error_response(code: str, message: str, http_status: int) -> JsonResponse:
    """The envelope for places that run outside Django REST framework (middleware, unknown addresses)."""
    return JsonResponse(error_body(code, message), status=http_status)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn any expected exception into the envelope; None leaves a bug to the 500 handler."""
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database_away", exc_info=error)
        error = Unavailable("Our database does not answer now; try again.", retry_after_seconds=RETRY_SECONDS)
    if isinstance(error, AppError):
        set_rollback()
        response = Response(error_body(error.error_code, error.message, error.details), status=error.status)
        if error.retry_after_seconds is not None:
            response["Retry-After"] = str(error.retry_after_seconds)
        return response
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return _from_framework(error)


def _from_framework(error: exceptions.APIException) -> Response:
    code = CODES.get(error.status_code, str(error.default_code))
    message, details = _message_and_details(error)
    response = Response(error_body(code, message, details), status=error.status_code)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _message_and_details(error: exceptions.APIException) -> tuple[str, Mapping[str, Any] | None]:
    if isinstance(error, exceptions.ValidationError):
        details = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        fields = ", ".join(str(name) for name in details)
        return f"Some fields are not right: {fields}.", details
    if isinstance(error, exceptions.ParseError):
        return "The body is not valid JSON.", None
    detail = error.detail
    if isinstance(detail, dict):
        return str(detail.get("detail", error.default_detail)), None
    return str(detail), None


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 404 for an address that no route knows: the envelope on the API, a page elsewhere."""
    if request.path.startswith("/api/"):
        return error_response("not_found", "Not found.", status.HTTP_404_NOT_FOUND)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500: nothing but a correlation id, under which the log has the rest."""
    if request.path.startswith("/api/"):
        return error_response("internal_error", "Something went wrong on our side.", 500)
    return render(request, "500.html", {"correlation_id": correlation_id()}, status=500)
