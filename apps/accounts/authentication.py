"""How a request proves who sends it: an access token or an API key. Both end in a Principal."""

import uuid
from typing import Any

import structlog
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from apps.accounts.attempts import count_wrong_credential, refuse_guessers
from apps.accounts.audit import record_audit
from apps.accounts.errors import NotAllowed
from apps.accounts.key_format import is_well_formed, shown_part
from apps.accounts.models import ApiKey, Membership, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations
from apps.accounts.services.api_keys import find_key, record_key_use
from apps.accounts.tokens import FAMILY, VERSION, uuid_claim

log = structlog.get_logger(__name__)
TOKEN_REFUSED = "The access token is not valid."  # noqa: S105  (a message)
KEY_REFUSED = "The API key is not valid."


class AccessTokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> Any:
        if not request.headers.get("Authorization"):
            return None
        refuse_guessers(request)
        try:
            return super().authenticate(request)
        except AuthenticationFailed as error:
            count_wrong_credential(request)
            raise AuthenticationFailed(TOKEN_REFUSED) from error

    def get_user(self, validated_token: Token) -> Any:
        """The person, read together with what ends a token early: sign-out, a new password, being disabled."""
        family = {
            "token_families__id": uuid_claim(validated_token, FAMILY),
            "token_families__revoked_at__isnull": True,
            "token_families__expires_at__gt": timezone.now(),
        }
        live = User.objects.filter(is_active=True, session_version=validated_token.get(VERSION), **family)
        user = live.filter(pk=uuid_claim(validated_token, "user_id")).first()
        if user is None:
            raise AuthenticationFailed(TOKEN_REFUSED)
        return user


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: <key>`. `request.auth` becomes the ApiKey."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        secret = request.headers.get("X-API-Key")
        if not secret:
            return None
        refuse_guessers(request)
        with across_organizations("the key says which organization"):
            key = find_key(secret)
            if key is None:
                count_wrong_credential(request)
                self._record_refusal(secret)
                raise AuthenticationFailed(KEY_REFUSED)
            record_key_use(key)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "X-API-Key"

    def _record_refusal(self, secret: str) -> None:
        """Audit a key that was ours once; what never was goes to the log only, where it cannot fill a table."""
        named = ApiKey.objects.with_prefix(shown_part(secret)).select_related("organization", "user")
        known = named.first() if is_well_formed(secret) else None
        if known is None:
            log.warning("api_key_unknown")
            return
        record_audit(
            "api_key.refused", organization=known.organization, actor=known.user, api_key=known, target=known,
            outcome="refused",
        )  # fmt: skip


def authenticate_again(request: Any) -> None:
    """Read anew who sends an authenticated request, without counting or noting a further use.

    Raises: AuthenticationFailed if the key or the sign-in has ended since.
    """
    if not isinstance(request.auth, ApiKey):
        tokens = AccessTokenAuthentication()
        token = tokens.get_validated_token(tokens.get_raw_token(tokens.get_header(request)) or b"")
        request.user, request.auth = tokens.get_user(token), token
        return
    with across_organizations("the key says which organization"):
        key = find_key(request.headers.get("X-API-Key", ""))
    if key is None:
        raise AuthenticationFailed(KEY_REFUSED)
    request.user, request.auth = key.user, key


def principal_of(request: Any, *, organization_id: uuid.UUID | None = None) -> Principal:
    """The person and organization of an authenticated request.

    A key names its organization itself. With a token, `X-Organization` names one, or the address does by its id; who is
    in only one may leave it out.

    Raises: ValidationError if the header is needed and missing, NotFound if the person is not in that organization,
    NotAllowed if it asks for a second factor and the person has none.
    """
    api_key = request.auth if isinstance(getattr(request, "auth", None), ApiKey) else None
    memberships = Membership.objects.live().filter(user=request.user).select_related("organization", "user")
    slug = request.headers.get("X-Organization")
    if api_key is not None:
        memberships = memberships.filter(organization=api_key.organization)
    if slug:
        memberships = memberships.filter(organization__slug=slug)
    if organization_id is not None:
        memberships = memberships.filter(organization=organization_id)
    with across_organizations("the person's own memberships say which organization"):
        found = list(memberships[:2])
    if not found:
        raise NotFound("You are in no such organization.")
    if len(found) > 1:
        raise ValidationError({"X-Organization": ["You are in several organizations: name one in this header."]})
    structlog.contextvars.bind_contextvars(user=str(request.user.pk), organization=found[0].organization.slug)
    principal = Principal(found[0], api_key)
    if principal.lacks_second_factor:
        raise NotAllowed("This organization requires a second factor: set one up first.", code="second_factor_needed")
    return principal
