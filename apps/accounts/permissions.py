"""Roles on routes: a view says per method which role and scope it wants; what says nothing is refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.authentication import AccessTokenAuthentication, authenticate_again, principal_of
from apps.accounts.models import Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.rate_limits import RateLimited
from apps.accounts.row_security import enter_organization


class Need(NamedTuple):
    """The least role and, for API keys, the scope."""

    role: Role
    scope: str


class OrganizationView(RateLimited, APIView):
    """A view inside one organization. `needs` maps HTTP methods to what they need."""

    needs: Mapping[str, Need] = {}
    principal: Principal

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._authorize(request)
        enter_organization(self.principal.organization.pk)

    def _authorize(self, request: Request) -> None:
        self.principal = self.find_principal(request)
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        need = self.needs.get(method)
        if method not in (name.upper() for name in self.http_method_names if hasattr(self, name)):
            return  # the framework answers 405
        if need is None or not self.principal.may(need.role, need.scope):
            raise PermissionDenied("Your role or key does not allow this.")

    def authorized_again(self) -> Principal:
        """Who asks, judged anew: for answers that take long enough for a key, a sign-in or a right to end meanwhile.

        Raises what the request itself would get now.
        """
        authenticate_again(self.request)
        self._authorize(self.request)
        return self.principal

    def find_principal(self, request: Request) -> Principal:
        """Who asks, and in which organization."""
        return principal_of(request)

    @property
    def org(self) -> Organization:
        return self.principal.organization


class PersonView(RateLimited, APIView):
    """A view about the person who is signed in, in no organization. A key stands for a program: it is refused."""

    authentication_classes = (AccessTokenAuthentication,)

    @property
    def person(self) -> User:
        return cast(User, self.request.user)


class NamedOrganizationView(OrganizationView):
    """A view of the organization that the address names by its id."""

    def find_principal(self, request: Request) -> Principal:
        return principal_of(request, organization_id=self.kwargs["pk"])


READ = Need(Role.VIEWER, "read")
ASK = Need(Role.ANALYST, "ask")
REVIEW = Need(Role.ANALYST, "manage")  # stand for what changes others' answers
MANAGE = Need(Role.ADMIN, "manage")
OWN = Need(Role.OWNER, "manage")
