"""REST routes of invitations: for those who invite, and for those who are invited."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import AccessTokenAuthentication
from apps.accounts.models import Invitation, Role, User
from apps.accounts.permissions import MANAGE, OrganizationView
from apps.accounts.rate_limits import RateLimited
from apps.accounts.serializers import AcceptSerializer, InvitationSerializer
from apps.accounts.services.invitations import (
    accept_as,
    accept_as_new_person,
    invite,
    resend,
    revoke_invitation,
)
from apps.accounts.shapes import InvitationShape, OrganizationShape, invitation_json, organization_json, page_of
from apps.common.bodies import checked
from apps.common.errors import InvalidInput
from apps.common.pagination import NewestFirst

UNUSABLE = OpenApiResponse(OpenApiTypes.OBJECT, "Not there, used, revoked or expired.")


class InvitationView(OrganizationView):
    """Fetches invitations of the organization."""

    def invitations(self) -> Any:
        return Invitation.objects.for_org(self.org).select_related("invited_by")

    def invitation(self, pk: uuid.UUID) -> Invitation:
        found: Invitation = get_object_or_404(self.invitations(), pk=pk)
        return found


class InvitationsView(InvitationView):
    needs = {"GET": MANAGE, "POST": MANAGE}

    @extend_schema(operation_id="invitations_list", responses=page_of(InvitationShape))
    def get(self, request: Request) -> Response:
        """All invitations, newest first."""
        page = NewestFirst()
        rows: Any = page.paginate_queryset(self.invitations(), request, view=self)
        return page.get_paginated_response([invitation_json(one) for one in rows])

    @extend_schema(request=InvitationSerializer, responses={201: InvitationShape})
    def post(self, request: Request) -> Response:
        """Invite an address. It is mailed; where no e-mail can be sent, `link` is in this answer and never again."""
        body = checked(InvitationSerializer, request)
        invitation, link = invite(email=body["email"], role=Role(body["role"]), by=self.principal)
        return Response(invitation_json(invitation, link), status=201)


class OneInvitationView(InvitationView):
    needs = {"GET": MANAGE, "DELETE": MANAGE}

    @extend_schema(responses=InvitationShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One invitation."""
        return Response(invitation_json(self.invitation(pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Take an invitation back."""
        revoke_invitation(self.invitation(pk), by=self.principal)
        return Response(status=204)


class ResendView(InvitationView):
    needs = {"POST": MANAGE}

    @extend_schema(request=None, responses=InvitationShape)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Send an invitation again, with a new token; the one before is dead."""
        invitation, link = resend(self.invitation(pk), by=self.principal)
        return Response(invitation_json(invitation, link))


class AcceptView(RateLimited, APIView):
    """For whoever holds a token, signed in or new."""

    permission_classes = (AllowAny,)
    authentication_classes = (AccessTokenAuthentication,)
    rate_group = "login"

    @extend_schema(request=AcceptSerializer, responses={201: OrganizationShape, 410: UNUSABLE})
    def post(self, request: Request) -> Response:
        """Join: as the person who is signed in, or as a new person with a password."""
        body = checked(AcceptSerializer, request)
        if isinstance(request.user, User):
            member = accept_as(request.user, body["token"])
        elif "password" in body:
            member = accept_as_new_person(body["token"], name=body["name"], password=body["password"])
        else:
            message = "Sign in, or give the password of the account to make."
            raise InvalidInput(message, details={"password": [message]})
        return Response(organization_json(member), status=201)
