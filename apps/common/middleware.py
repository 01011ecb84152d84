"""Limits and courtesies on what comes in, before anything reads it."""

from collections.abc import Callable

from csp.constants import NONCE, NONE, UNSAFE_EVAL, UNSAFE_HASHES
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.common.envelope import error_response

MOST_ADDRESS_CHARS = 8_000
SERVER = "parley"
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
# The styles that the admin theme's scripts (htmx, Alpine) set as they start; tests/browser finds one that changed.
ADMIN_STYLES = (
    "'sha256-bsV5JivYxvGywDAZ22EZJKBFip65Ng9xoJVLbBg7bdo='",
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-6HrlxRyZNl93sLjmsikZMOcXs3hCsWC603dMxz3StUw='",
    "'sha256-qYKkU7EofkVsEss99tX5zBhWPZ8G52q0LYh78i/kJVs='",
)
GetResponse = Callable[[HttpRequest], HttpResponse]


class BodyLimitMiddleware:
    """Refuses a body over MAX_BODY_BYTES by its announced length, and one that announces none, before it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:  # Django would take such a body for an empty one
            return error_response("length_required", "Send the body with its Content-Length, not in chunks.", 411)
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


class AddressLimitMiddleware:
    """Refuses an address that is longer than any of ours can be."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > MOST_ADDRESS_CHARS:
            return error_response("too_large", f"The address is longer than {MOST_ADDRESS_CHARS} characters.", 414)
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """What no package of ours sets: which features of a browser pages may use, that answers are kept nowhere, and a
    server's name that tells no product or version."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers.setdefault("Cache-Control", "no-store")
        response["Server"] = SERVER
        return response


class ContentPolicyMiddleware:
    """The content security policy where it is another than the pages'.

    The API's answers are no documents, so nothing in them may load anything. The admin site's theme evaluates
    expressions and has its colors in a style element, which gets a nonce.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response._csp_config = {"default-src": [NONE], "frame-ancestors": [NONE]}  # type: ignore[attr-defined]
        elif request.path_info.startswith("/admin/"):
            _bless_styles(request, response)
            wider = {"script-src": [UNSAFE_EVAL], "style-src": [NONCE, UNSAFE_HASHES, *ADMIN_STYLES]}
            response._csp_update = wider  # type: ignore[attr-defined]  # django-csp's way to change one response
        return response


def _bless_styles(request: HttpRequest, response: HttpResponse) -> None:
    """Give the theme's own style elements the nonce; whatever data a page shows is escaped and makes no element."""
    if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # set by django-csp
        response.content = response.content.replace(b"<style", f'<style nonce="{nonce}"'.encode())
        if "Content-Length" in response.headers:
            response["Content-Length"] = str(len(response.content))
