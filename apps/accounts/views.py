"""REST routes of accounts: tokens, oneself, API keys."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from apps.accounts.models import ApiKey, Membership, Role
from apps.accounts.permissions import Need, OrganizationView
from apps.accounts.rate_limits import RateLimited
from apps.accounts.row_security import across_organizations
from apps.accounts.serializers import (
    ApiKeySerializer,
    RefreshSerializer,
    RevokeSerializer,
    SignInSerializer,
    api_key_json,
    me_json,
)
from apps.accounts.services import create_api_key, revoke_api_key
from apps.common.errors import InvalidInput
from apps.common.pagination import NewestFirst

OWN_KEYS = Need(Role.ANALYST, "manage")


class TokenView(RateLimited, TokenObtainPairView):
    """An access and a refresh token for e-mail and password."""

    serializer_class = SignInSerializer
    rate_group = "login"


class TokenRefreshingView(RateLimited, TokenRefreshView):
    """A new pair; the refresh token that was used is spent."""

    serializer_class = RefreshSerializer
    rate_group = "login"


class TokenRevokeView(RateLimited, APIView):
    """End a refresh token. Ending it twice is no error: the wish is fulfilled."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    rate_group = "login"

    @extend_schema(request=RevokeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        body = RevokeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            RefreshToken(body.validated_data["refresh"]).blacklist()
        except TokenError as error:
            if "blacklisted" not in str(error):
                raise InvalidInput("This is no refresh token.", details={"refresh": ["Not valid."]}) from error
        return Response(status=204)


class MeView(RateLimited, APIView):
    """Who am I, and where?"""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        user: Any = request.user
        rows = Membership.objects.filter(user=user, is_active=True).select_related("organization")
        if isinstance(request.auth, ApiKey):
            rows = rows.filter(organization=request.auth.organization)
        with across_organizations("the person's own memberships"):
            return Response(me_json(user, list(rows.order_by("organization__slug"))))


class ApiKeysView(OrganizationView):
    needs = {"GET": OWN_KEYS, "POST": OWN_KEYS}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """One's own keys, newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(
            ApiKey.objects.for_org(self.org).filter(user=self.principal.user), request, view=self
        )
        return page.get_paginated_response([api_key_json(key) for key in rows])

    @extend_schema(request=ApiKeySerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """A new key. `key` is shown in this answer and never again."""
        body = ApiKeySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self._check_scopes(body.validated_data["scopes"])
        key, secret = create_api_key(membership=self.principal.membership, **body.validated_data)
        return Response({**api_key_json(key), "key": secret}, status=201)

    def _check_scopes(self, scopes: list[str]) -> None:
        """A key makes no key that may do more than itself. Raises InvalidInput."""
        own = self.principal.api_key
        beyond = sorted(set(scopes) - set(own.scopes)) if own else []
        if beyond:
            raise InvalidInput(f"This key does not have the scope {beyond[0]!r}.", details={"scopes": beyond})


class OneApiKeyView(OrganizationView):
    needs = {"DELETE": OWN_KEYS}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Revoke a key at once."""
        rows = ApiKey.objects.for_org(self.org).filter(user=self.principal.user)
        revoke_api_key(get_object_or_404(rows, pk=pk))
        return Response(status=204)
