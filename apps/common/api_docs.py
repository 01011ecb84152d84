"""The API's description and its page, where the operator lets them be seen (API_DOCS)."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request


class _MayBeOff:
    """Not there, rather than forbidden, where it is switched off."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.PARLEY.api_docs:
            raise Http404
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # the view that this is mixed into


class ApiSchema(_MayBeOff, SpectacularAPIView):
    """The OpenAPI document."""


class ApiPage(_MayBeOff, SpectacularSwaggerSplitView):
    """The page that shows it."""


def is_offered(_: HttpRequest) -> dict[str, bool]:
    """For templates: whether to link to the page."""
    return {"api_docs": settings.PARLEY.api_docs}
