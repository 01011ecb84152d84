"""What every route does with input that is broken in ways a person would not think of."""

import base64
import json
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.datasources.models import DataSource

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
LISTS = ("queries", "clarifications", "data-sources", "api-keys")


@pytest.fixture
def api(client_of: ClientOf, alice: User, acme: Organization) -> APIClient:
    client = client_of(alice)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("body", ["[" * 100_000, '{"question":' * 50_000 + "1" + "}" * 50_000])
@pytest.mark.parametrize("route", ["queries", "auth/token"])
def test_json_nested_beyond_reason_is_a_400(api: APIClient, route: str, body: str) -> None:
    response = api.post(f"/api/v1/{route}", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"engine": "\ud800"}, "engine"), ({"\ud800": 1}, "\ud800"), ({"question": "\ud800"}, "question")],
)
def test_lone_surrogates_are_a_400_that_names_the_field(
    api: APIClient, source: DataSource, body: dict[str, object], field: str
) -> None:
    text = json.dumps({"question": "How many?", "data_source": "sample", **body})
    response = api.post("/api/v1/queries", text, content_type="application/json")
    assert response.status_code == 400
    assert field in response.json()["error"]["details"]


@pytest.mark.parametrize("route", LISTS)
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("cursor", "x"),
        ("cursor", base64.b64encode(b"p=abc").decode()),
        ("cursor", base64.b64encode(b"p=\x00").decode()),
        ("page_size", "0"),
        ("page_size", "-1"),
        ("page_size", "abc"),
        ("page_size", "101"),
        ("page_size", "\N{SUPERSCRIPT TWO}"),
        ("page_size", "9" * 5_000),
        ("colour", "red"),
    ],
)
def test_a_broken_parameter_of_a_list_is_a_400_that_names_it(
    api: APIClient, route: str, parameter: str, value: str
) -> None:
    response = api.get(f"/api/v1/{route}", {parameter: value})
    assert response.status_code == 400
    assert parameter in response.json()["error"]["details"]


@pytest.mark.parametrize("route", LISTS)
def test_a_list_may_be_empty_and_of_any_allowed_size(api: APIClient, route: str) -> None:
    assert api.get(f"/api/v1/{route}", {"page_size": "100"}).json()["results"] == []
