"""REST routes of organizations: one's own, a new one, its settings, its owner, its end."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Membership
from apps.accounts.permissions import MANAGE, OWN, READ, NamedOrganizationView, PersonView
from apps.accounts.row_security import across_organizations
from apps.accounts.serializers import NewOrganizationSerializer, OrganizationSerializer, TransferSerializer
from apps.accounts.services.organizations import (
    change_organization,
    deactivate_organization,
    found_organization,
    transfer_ownership,
)
from apps.accounts.shapes import OrganizationShape, organization_json, page_of
from apps.common.bodies import checked
from apps.common.pagination import NewestFirst


class OrganizationsView(PersonView):
    @extend_schema(operation_id="organizations_list", responses=page_of(OrganizationShape))
    def get(self, request: Request) -> Response:
        """The organizations that let one in, the newest membership first."""
        page = NewestFirst()
        memberships = Membership.objects.live().filter(user=self.person).select_related("organization")
        with across_organizations("the person's own memberships"):
            rows: Any = page.paginate_queryset(memberships, request, view=self)
        return page.get_paginated_response([organization_json(member) for member in rows])

    @extend_schema(request=NewOrganizationSerializer, responses={201: OrganizationShape})
    def post(self, request: Request) -> Response:
        """A new organization of one's own, where the installation lets people make them."""
        organization = found_organization(**checked(NewOrganizationSerializer, request), founder=self.person)
        with across_organizations("the organization was made just now"):
            member = Membership.objects.for_org(organization).select_related("organization").get(user=self.person)
        return Response(organization_json(member), status=201)


class OneOrganizationView(NamedOrganizationView):
    needs = {"GET": READ, "PATCH": MANAGE}

    @extend_schema(responses=OrganizationShape)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One organization of one's own."""
        return Response(organization_json(self.principal.membership))

    @extend_schema(request=OrganizationSerializer(partial=True), responses=OrganizationShape)
    def patch(self, request: Request, pk: uuid.UUID) -> Response:
        """Change its name or settings; what is not named stays."""
        body = checked(OrganizationSerializer, request, partial=True)
        self.principal.membership.organization = change_organization(by=self.principal, **body)
        return Response(organization_json(self.principal.membership))


class DeactivateView(NamedOrganizationView):
    needs = {"POST": OWN}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Close the organization: nobody gets in, its keys stop, waiting queries are refused."""
        deactivate_organization(by=self.principal)
        return Response(status=204)


class TransferView(NamedOrganizationView):
    needs = {"POST": OWN}

    @extend_schema(request=TransferSerializer, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Hand the organization to another active member; one stays as an admin."""
        body = checked(TransferSerializer, request)
        to = get_object_or_404(Membership.objects.for_org(self.org), pk=body["member"])
        transfer_ownership(by=self.principal, to=to)
        return Response(status=204)
