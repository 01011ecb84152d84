"""The person and organization behind a page: as `authentication.principal_of`, by session instead of header."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import structlog
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

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
    """The active memberships of the signed-in person, by organization name."""
    user: Any = request.user
    rows = Membership.objects.filter(user=user, is_active=True).select_related("organization", "user")
    with across_organizations("the person's own memberships"):
        return list(rows.order_by("organization__name"))
