"""Roles on routes: a view says per method which role and scope it wants; what says nothing is refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.authentication import principal_of
from apps.accounts.models import Organization, Role
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
        self.principal = principal_of(request)
        enter_organization(self.principal.organization.pk)
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        need = self.needs.get(method)
        if method not in (name.upper() for name in self.http_method_names if hasattr(self, name)):
            return  # the framework answers 405
        if need is None or not self.principal.may(need.role, need.scope):
            raise PermissionDenied("Your role or key does not allow this.")

    @property
    def org(self) -> Organization:
        return self.principal.organization


READ = Need(Role.VIEWER, "read")
ASK = Need(Role.ANALYST, "ask")
MANAGE = Need(Role.ADMIN, "manage")
