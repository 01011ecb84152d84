"""The person and organization behind a page: as `authentication.principal_of`, by session instead of header."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from apps.accounts.models import Membership
from apps.accounts.permissions import Need
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations, enter_organization

SESSION_KEY = "organization"
View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """A request to a page, with its principal."""

    principal: Principal


def organization_page(need: Need) -> Callable[[View], View]:
    """Decorate a page: signed in, member of an organization, with the role that `need` names."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            principal = session_principal(request)
            if principal.lacks_second_factor:
                messages.warning(request, "This organization requires a second factor: set one up first.")
                return redirect("account")
            if not principal.membership.may(need.role):
                raise PermissionDenied("Your role does not allow this.")
            page_request = cast(PageRequest, request)
            page_request.principal = principal
            enter_organization(principal.organization.pk)
            return view(page_request, *args, **kwargs)

        return cast(View, login_required(page))

    return decorate


def session_principal(request: HttpRequest) -> Principal:
    """The member that this session acts as: the organization last chosen, else the first by name."""
    memberships = memberships_of(request)
    if not memberships:
        raise Http404("You are in no organization.")
    chosen = request.session.get(SESSION_KEY)
    member = next((one for one in memberships if one.organization.slug == chosen), memberships[0])
    structlog.contextvars.bind_contextvars(user=str(member.user_id), organization=member.organization.slug)
    return Principal(member)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The memberships that let the signed-in person in, by organization name."""
    user: Any = request.user
    rows = Membership.objects.live().filter(user=user).select_related("organization", "user")
    with across_organizations("the person's own memberships"):
        return list(rows.order_by("organization__name"))


def render_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with what its frame shows: the person, their organizations, the one they act in."""
    memberships = memberships_of(request) if request.user.is_authenticated else []
    shared = {"principal": session_principal(request) if memberships else None, "memberships": memberships}
    return render(request, template, {**shared, **context}, status=status)
