"""Charts as pictures over REST: who gets them, and how browsers keep them."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import Organization, Role, User
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.chart_presentation import chart_json
from apps.queries.charts import draft_charts
from apps.queries.models import Chart, Query, Run, Status
from tests.queries.charts.shapes import shapes

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    """An answered query of Alice with a bar chart."""
    query: Query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="q", answer="a", status=Status.ANSWERED
    )
    run = Run.objects.create(organization=acme, query=query, number=1, sql="SELECT 1", reads={}, limits={})
    [draft] = draft_charts(shapes()["bar"].result, "customers by country")
    Chart.objects.create(organization=acme, run=run, title=draft.title, kind=draft.kind, spec=draft.spec)
    query.last_run = run
    query.save()
    return query


def test_alice_and_bob_get_the_picture_and_charlie_does_not(
    query: Query, client_of: ClientOf, alice: User, bob: User, charlie: User
) -> None:
    answers = [client_of(user).get(f"/api/v1/queries/{query.pk}/charts/0.svg") for user in (alice, bob, charlie)]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    for answer in answers[:2]:
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-cache"
        assert "Germany" in answer.content.decode()
    assert "Germany" not in answers[2].content.decode()


def test_a_png_has_the_scale_that_was_asked_for(query: Query, client_of: ClientOf, alice: User) -> None:
    path = f"/api/v1/queries/{query.pk}/charts/0.png"
    small, large = (client_of(alice).get(path, {"scale": scale}) for scale in (1, 3))
    assert small["Content-Type"] == "image/png"
    assert int.from_bytes(large.content[16:20]) == 3 * int.from_bytes(small.content[16:20])


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("1.svg", 404),
        ("0.pdf", 404),
        ("-1.svg", 404),
        (f"{10**30}.svg", 404),
        ("0.png?scale=9", 400),
    ],
)
def test_what_is_not_there_or_not_asked_right_is_refused(
    query: Query, client_of: ClientOf, alice: User, part: str, status: int
) -> None:
    assert client_of(alice).get(f"/api/v1/queries/{query.pk}/charts/{part}").status_code == status


def test_an_unchanged_picture_is_not_sent_again(query: Query, client_of: ClientOf, alice: User) -> None:
    api, path = client_of(alice), f"/api/v1/queries/{query.pk}/charts/0.svg"
    etag = api.get(path)["ETag"]
    again = api.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert api.get(path.replace("svg", "png"), headers={"If-None-Match": etag}).status_code == 200


def test_a_policy_that_becomes_tighter_withholds_the_picture_also_from_who_has_its_etag(
    query: Query, client_of: ClientOf, bob: User, acme: Organization, source: DataSource
) -> None:
    Run.objects.update(reads={"customers": ["country"]})
    api, path = client_of(bob), f"/api/v1/queries/{query.pk}/charts/0.svg"
    etag = api.get(path)["ETag"]
    AccessPolicy.objects.create(
        organization=acme, data_source=source, role=Role.VIEWER, tables={"except": ["customers"]}
    )
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 404


def test_pictures_count_against_the_limit_of_files(
    query: Query, client_of: ClientOf, alice: User, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.PARLEY = settings.PARLEY.model_copy(update={"rate_per_minute": 1})
    api, path = client_of(alice), f"/api/v1/queries/{query.pk}/charts/0.svg"
    assert [api.get(path).status_code for _ in range(2)] == [200, 429]


def test_the_page_shows_the_same_picture(query: Query, alice: User) -> None:
    page = Client()
    page.force_login(alice)
    assert f"/queries/{query.pk}/charts/0.svg" in page.get(f"/queries/{query.pk}").content.decode()
    assert "Germany" in page.get(f"/queries/{query.pk}/charts/0.svg").content.decode()


def test_a_chart_in_its_querys_shape_leads_to_its_pictures(query: Query, client_of: ClientOf, alice: User) -> None:
    shape = chart_json(Chart.objects.get(), query.pk, 0)
    assert set(shape) == {"title", "spec", "kind", "links"}
    for address in shape["links"].values():
        assert client_of(alice).get(address).status_code == 200
    assert client_of(alice).get(f"/api/v1/queries/{uuid.uuid4()}/charts/0.svg").status_code == 404
