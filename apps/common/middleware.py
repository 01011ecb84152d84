"""Limits on what may come in, before anything reads it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.common.envelope import error_response


class BodyLimitMiddleware:
    """Refuses a body over MAX_BODY_BYTES by its announced length, before it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            return error_response("invalid_input", "Content-Length is not a number.", 400)
        if int(length) > settings.PARLEY.max_body_bytes:
            limit = settings.PARLEY.max_body_bytes
            return error_response("too_large", f"The body is larger than {limit} bytes.", 413)
        return self.get_response(request)
