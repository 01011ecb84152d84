"""The audit log for the organization's administrators."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import AuditEvent, User
from apps.accounts.models.audit import Outcome
from apps.accounts.permissions import MANAGE, OrganizationView
from apps.common.pagination import NewestFirst
from apps.common.serializers import StrictCharField, StrictSerializer


class AuditFilterSerializer(StrictSerializer):
    """What to look for."""

    action = StrictCharField(required=False, max_length=60)
    actor = serializers.UUIDField(required=False)
    outcome = serializers.ChoiceField(choices=Outcome.values, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)


class AuditView(OrganizationView):
    needs = {"GET": MANAGE}
    filters = tuple(AuditFilterSerializer().fields)

    @extend_schema(operation_id="audit_list", parameters=[AuditFilterSerializer], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Who did what, newest first."""
        wanted = AuditFilterSerializer(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        rows = AuditEvent.objects.for_org(self.org).select_related("actor")
        lookups = {"since": "created_at__gte", "until": "created_at__lt", "actor": "actor_id"}
        given = {name: value for name, value in wanted.validated_data.items() if name not in ("cursor", "page_size")}
        page = NewestFirst()
        found: Any = page.paginate_queryset(
            rows.filter(**{lookups.get(name, name): value for name, value in given.items()}), request, view=self
        )
        return page.get_paginated_response([audit_json(event) for event in found])


def audit_json(event: AuditEvent) -> dict[str, Any]:
    """An act as its record tells it, with the actor's e-mail where the person still exists."""
    record = json.loads(event.record)
    actor: User | None = event.actor
    return {
        "id": str(event.pk),
        "number": event.number,
        "created_at": record["at"],
        "action": record["action"],
        "outcome": record["outcome"],
        "actor": {"id": record["actor"], "email": actor.email if actor else None} if record["actor"] else None,
        "api_key": record["api_key"],
        "target": {"type": event.target_type, "id": event.target_id} if event.target_type else None,
        "address": record["address"],
        "correlation_id": record["correlation_id"],
        "details": record["details"],
        "digest": event.digest,
    }
