"""REST routes of access policies, for administrators."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Membership
from apps.accounts.permissions import MANAGE
from apps.common.errors import InvalidInput
from apps.common.pagination import NewestFirst
from apps.datasources.models import AccessPolicy
from apps.datasources.policies.explaining import explain_access
from apps.datasources.policies.serializers import ExplainSerializer, PolicySerializer, RulesSerializer, policy_json
from apps.datasources.policies.services import delete_policy, save_policy
from apps.datasources.views import DataSourceView


class PolicyView(DataSourceView):
    """Fetches one policy, or one member, of the organization."""

    def policy(self, source_id: uuid.UUID, pk: uuid.UUID) -> AccessPolicy:
        rows = AccessPolicy.objects.for_org(self.org).select_related("membership__user", "data_source__organization")
        found: AccessPolicy = get_object_or_404(rows, data_source=self.source(source_id), pk=pk)
        return found

    def member(self, name: str) -> Membership:
        """The member of that id or e-mail. Raises InvalidInput naming the field."""
        rows = Membership.objects.for_org(self.org).select_related("user", "organization")
        try:
            found = rows.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            found = rows.filter(user__email__iexact=name).first()
        if found is None:
            raise InvalidInput("There is no such member.", details={"member": ["There is no such member."]})
        return found


class PoliciesView(PolicyView):
    needs = {"GET": MANAGE, "POST": MANAGE}

    @extend_schema(operation_id="policies_list", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The policies of a source, newest first."""
        rows = AccessPolicy.objects.for_org(self.org).filter(data_source=self.source(pk))
        page = NewestFirst()
        found: Any = page.paginate_queryset(rows.select_related("membership__user"), request, view=self)
        return page.get_paginated_response([policy_json(one) for one in found])

    @extend_schema(request=PolicySerializer, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Add a policy for a role or a member. It holds at once."""
        source = self.source(pk)
        body = PolicySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        member = self.member(given["member"]) if "member" in given else None
        stored = AccessPolicy(organization=self.org, data_source=source, role=given.get("role", ""), membership=member)
        tables, rules = given.get("tables", stored.tables), given.get("rules", [])
        save_policy(principal=self.principal, source=source, stored=stored, tables=tables, rules=rules)
        return Response(policy_json(stored), status=201)


class OnePolicyView(PolicyView):
    needs = {"GET": MANAGE, "PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID, policy_pk: uuid.UUID) -> Response:
        """One policy."""
        return Response(policy_json(self.policy(pk, policy_pk)))

    @extend_schema(request=RulesSerializer(partial=True), responses=OpenApiTypes.OBJECT)
    def patch(self, request: Request, pk: uuid.UUID, policy_pk: uuid.UUID) -> Response:
        """Change what a policy says; what is not named stays."""
        stored = self.policy(pk, policy_pk)
        body = RulesSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        tables = body.validated_data.get("tables", stored.tables)
        rules = body.validated_data.get("rules", stored.rules)
        source = stored.data_source
        save_policy(principal=self.principal, source=source, stored=stored, tables=tables, rules=rules)
        return Response(policy_json(stored))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID, policy_pk: uuid.UUID) -> Response:
        """Remove a policy."""
        delete_policy(principal=self.principal, stored=self.policy(pk, policy_pk))
        return Response(status=204)


class ExplainView(PolicyView):
    needs = {"GET": MANAGE}

    @extend_schema(parameters=[ExplainSerializer], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What a member sees of the source, and why."""
        source = self.source(pk)
        asked = ExplainSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return Response(explain_access(self.member(asked.validated_data["member"]), source))
