"""What a request may see of organizations: nothing before anybody is known, everything in the admin site."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from apps.accounts.audit import record_audit
from apps.accounts.models import User
from apps.accounts.rate_limits import write_limits
from apps.accounts.row_security import across_organizations, no_scope

# Pages that show no organization's rows.
QUIET_ADMIN_PAGES = {"index", "login", "logout", "jsi18n", "password_change", "password_change_done"}


class RowScopeMiddleware:
    """Begins each request without an organization; the view enters one once it knows who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with no_scope():
            return self.get_response(request)


class AdminScopeMiddleware:
    """Lets the admin site, and nothing else, look across organizations, and audits who looked at what.

    Stands after authentication. Whoever is no staff sees no rows there, whatever the site would show.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or not is_staff(request.user):
            return self.get_response(request)
        with across_organizations("the admin site spans organizations"):
            response = self.get_response(request)
        _record_visit(request, response)
        return response


def is_staff(user: Any) -> bool:
    """True for an active person whom the admin site lets in."""
    return bool(user.is_active and user.is_staff)


def _record_visit(request: HttpRequest, response: HttpResponse) -> None:
    place = request.resolver_match
    if place is None or place.url_name in QUIET_ADMIN_PAGES:
        return
    record_audit(
        "admin.read" if request.method in ("GET", "HEAD") else "admin.changed",
        actor=cast(User, request.user),
        outcome="done" if response.status_code < 400 else "refused",
        page=place.url_name,
        row=place.kwargs.get("object_id", ""),
    )


class RateLimitHeadersMiddleware:
    """Tells the limits on every answer of a limited route or page, also where it is an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        write_limits(response, request)
        return response
