"""Views that forgot whose rows they want, written here and thrown away: the database answers with nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import READ, OrganizationView
from apps.datasources.models import DataSource, SchemaColumn, SchemaTable
from apps.queries.models import Query

FORGOTTEN = (DataSource, SchemaTable, SchemaColumn, Query)


def seen() -> dict[str, int]:
    return {model.__name__: model.objects.all().count() for model in FORGOTTEN}


class ForgetfulView(OrganizationView):
    needs = {"GET": READ}

    def get(self, request: Request) -> Response:
        return Response(seen())


def plain_view(request: HttpRequest) -> JsonResponse:
    """Knows nobody, and asks for everybody's rows."""
    return JsonResponse({**seen(), "Membership": Membership.objects.count()})


urlpatterns = [
    path("", include("config.urls")),
    path("api/v1/forgetful", ForgetfulView.as_view()),
    path("api/v1/plain", plain_view),
]


@pytest.fixture(autouse=True)
def _thrown_away_routes(settings: Any, source: DataSource, alice: User) -> None:
    settings.ROOT_URLCONF = __name__
    Query.objects.create(organization=source.organization, user=alice, data_source=source, question="Whose?")


def test_a_view_inside_an_organization_gets_its_own_rows_only(
    client_of: Callable[[User], APIClient], alice: User, charlie: User, globex: Organization
) -> None:
    assert all(count > 0 for count in client_of(alice).get("/api/v1/forgetful").json().values())
    assert set(client_of(charlie).get("/api/v1/forgetful").json().values()) == {0}


def test_a_view_that_knows_nobody_gets_nothing(client_of: Callable[[User], APIClient], alice: User) -> None:
    assert set(client_of(alice).get("/api/v1/plain").json().values()) == {0}
    assert set(APIClient().get("/api/v1/plain").json().values()) == {0}
