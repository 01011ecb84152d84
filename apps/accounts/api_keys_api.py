"""REST routes of API keys: members see and make their own, administrators see and revoke all."""

import uuid
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey, Role
from apps.accounts.permissions import Need, OrganizationView
from apps.accounts.serializers import ApiKeySerializer, RotateSerializer
from apps.accounts.services.api_keys import create_api_key, revoke_api_key, rotate_api_key
from apps.accounts.shapes import ApiKeyShape, api_key_json, page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst

OWN_KEYS = Need(Role.ANALYST, "manage")


class ApiKeyView(OrganizationView):
    """Fetches keys: one's own, for an administrator all of the organization."""

    def own_keys(self) -> Any:
        return ApiKey.objects.for_org(self.org).filter(user=self.principal.user).select_related("user", "organization")

    def visible_keys(self) -> Any:
        if self.principal.role.includes(Role.ADMIN):
            return ApiKey.objects.for_org(self.org).select_related("user", "organization")
        return self.own_keys()


class ApiKeysView(ApiKeyView):
    needs = {"GET": OWN_KEYS, "POST": OWN_KEYS}

    @extend_schema(operation_id="api_keys_list", responses=page_of(ApiKeyShape))
    def get(self, request: Request) -> Response:
        """One's own keys, for an administrator all of the organization; newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(self.visible_keys(), request, view=self)
        return page.get_paginated_response([api_key_json(key) for key in rows])

    @extend_schema(request=ApiKeySerializer, responses={201: ApiKeyShape})
    def post(self, request: Request) -> Response:
        """A new key for oneself. `key` is shown in this answer and never again."""
        body = checked(ApiKeySerializer, request)
        key, secret = create_api_key(membership=self.principal.membership, by=self.principal, **body)
        return Response(api_key_json(key, secret), status=201)


class OneApiKeyView(ApiKeyView):
    needs = {"GET": OWN_KEYS, "DELETE": OWN_KEYS}

    @extend_schema(responses=ApiKeyShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One key, without its secret."""
        return Response(api_key_json(get_object_or_404(self.visible_keys(), pk=pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Revoke a key at once."""
        revoke_api_key(get_object_or_404(self.visible_keys(), pk=pk), by=self.principal)
        return Response(status=204)


class RotateView(ApiKeyView):
    needs = {"POST": OWN_KEYS}

    @extend_schema(request=RotateSerializer, responses=ApiKeyShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """A new secret for a key of one's own; the one before stays good for `overlap_seconds`."""
        body = checked(RotateSerializer, request)
        key = get_object_or_404(self.own_keys(), pk=pk)
        rotated, secret = rotate_api_key(key, by=self.principal, overlap=timedelta(seconds=body["overlap_seconds"]))
        return Response(api_key_json(rotated, secret))
