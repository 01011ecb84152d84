"""How a request proves who sends it: an access token or an API key. Both end in a Principal."""

from typing import Any

import structlog
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from apps.accounts.models import ApiKey, Membership, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations
from apps.accounts.services import hash_key, record_key_use

log = structlog.get_logger(__name__)


class AccessTokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`."""


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: <key>`. `request.auth` becomes the ApiKey."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        secret = request.headers.get("X-API-Key")
        if not secret:
            return None
        with across_organizations("the key says which organization"):
            usable = ApiKey.objects.usable().select_related("user", "organization")
            key = usable.filter(key_hash=hash_key(secret)).first()
            if key is None or not key.user.is_active:
                log.warning("api_key_refused", prefix=secret[:10])
                raise AuthenticationFailed("The API key is not valid.")
            record_key_use(key)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "X-API-Key"


def principal_of(request: Any) -> Principal:
    """The person and organization of an authenticated request.

    A key names its organization itself. With a token, `X-Organization` names one; who is in only one may leave it out.

    Raises: ValidationError if the header is needed and missing, NotFound if the person is not in that organization.
    """
    api_key = request.auth if isinstance(getattr(request, "auth", None), ApiKey) else None
    memberships = Membership.objects.filter(user=request.user, is_active=True).select_related("organization", "user")
    slug = request.headers.get("X-Organization")
    if api_key is not None:
        memberships = memberships.filter(organization=api_key.organization)
    if slug:
        memberships = memberships.filter(organization__slug=slug)
    with across_organizations("the person's own memberships say which organization"):
        found = list(memberships[:2])
    if not found:
        raise NotFound("You are in no such organization.")
    if len(found) > 1:
        raise ValidationError({"X-Organization": ["You are in several organizations: name one in this header."]})
    structlog.contextvars.bind_contextvars(user=str(request.user.pk), organization=found[0].organization.slug)
    return Principal(found[0], api_key)
