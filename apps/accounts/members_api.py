"""REST routes of members."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Membership, Role
from apps.accounts.permissions import MANAGE, OrganizationView
from apps.accounts.serializers import MemberSerializer
from apps.accounts.services.members import (
    change_attributes,
    change_role,
    deactivate_member,
    reactivate_member,
    remove_member,
)
from apps.accounts.services.second_factor import reset_second_factor
from apps.accounts.shapes import MemberShape, member_json, page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst


class MemberView(OrganizationView):
    """Fetches members of the organization."""

    def members(self) -> Any:
        return Membership.objects.for_org(self.org).select_related("user", "user__second_factor")

    def member(self, pk: uuid.UUID) -> Membership:
        found: Membership = get_object_or_404(self.members(), pk=pk)
        return found


class MembersView(MemberView):
    needs = {"GET": MANAGE}

    @extend_schema(operation_id="members_list", responses=page_of(MemberShape))
    def get(self, request: Request) -> Response:
        """All members, the newest first; deactivated ones too."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(self.members(), request, view=self)
        return page.get_paginated_response([member_json(member) for member in rows])


class OneMemberView(MemberView):
    needs = {"GET": MANAGE, "PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(responses=MemberShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One member."""
        return Response(member_json(self.member(pk)))

    @extend_schema(request=MemberSerializer, responses=MemberShape)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change a member's role or attributes, or lock them out and in again: one thing a call."""
        member = self.member(pk)
        body = checked(MemberSerializer, request)
        if len(body) != 1:
            raise ValidationError({"role": ["Name one change: role, attributes or is_active."]})
        if "role" in body:
            change_role(member, role=Role(body["role"]), by=self.principal)
        elif "attributes" in body:
            change_attributes(member, attributes=body["attributes"], by=self.principal)
        elif body["is_active"]:
            reactivate_member(member, by=self.principal)
        else:
            deactivate_member(member, by=self.principal)
        return Response(member_json(self.member(pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Take a person out of the organization. Their keys end; what they asked stays."""
        remove_member(self.member(pk), by=self.principal)
        return Response(status=204)


class MemberSecondFactorView(MemberView):
    needs = {"DELETE": MANAGE}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Take away a member's lost second factor and sign them out."""
        reset_second_factor(self.member(pk), by=self.principal)
        return Response(status=204)
