"""Limits and courtesies on what comes in, before anything reads it."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.common.envelope import error_response

GetResponse = Callable[[HttpRequest], HttpResponse]


class BodyLimitMiddleware:
    """Refuses a body over MAX_BODY_BYTES by its announced length, before it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            return error_response("invalid_input", "Content-Length is not a number.", 400)
        if int(length) > settings.PARLEY.max_body_bytes:
            limit = settings.PARLEY.max_body_bytes
            return error_response("too_large", f"The body is larger than {limit} bytes.", 413)
        return self.get_response(request)


class ApiSlashMiddleware:
    """On the API a trailing slash means nothing: `/api/v1/me/` is `/api/v1/me`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
        return self.get_response(request)


class AdminPolicyMiddleware:
    """Widens the content security policy for the admin site alone: its theme's components evaluate expressions."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            wider = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
            response._csp_update = wider  # type: ignore[attr-defined]  # django-csp's way to change one response
        return response
