"""Which web sites' scripts may read what we stream."""

from typing import Any

from django.conf import settings

from apps.common.errors import AppError


class OtherOrigin(AppError):
    """A script of a web site that is not allowed here asks."""

    code = "origin_not_allowed"
    status = 403


def refuse_other_origins(request: Any) -> None:
    """Refuse a browser's call from a web site that is neither this one nor allowed. Programs send no Origin.

    Raises: OtherOrigin.
    """
    origin = request.headers.get("Origin")
    own = {f"{request.scheme}://{request.get_host()}", settings.PARLEY.public_url.rstrip("/")}
    if origin is not None and origin not in own.union(settings.CORS_ALLOWED_ORIGINS):
        raise OtherOrigin("Scripts of this web site may not read here.")
