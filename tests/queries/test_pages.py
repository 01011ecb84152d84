"""Pages with input that no form of ours sends."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Organization, Role, User
from apps.accounts.services import add_member
from apps.datasources.models import DataSource
from apps.queries.models import Conversation, Query, Run, Status

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def page(alice: User, acme: Organization, source: DataSource) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    "address", ["/?data_source=%00", "/history?data_source=%00", "/history?search=%00", "/history?before=%00"]
)
def test_a_null_character_in_an_address_is_no_crash(page: Client, address: str) -> None:
    assert page.get(address).status_code in (200, 400)


@pytest.mark.parametrize("field", ["question", "data_source", "conversation"])
def test_a_null_character_in_the_form_is_a_400(page: Client, field: str) -> None:
    body = {"question": "How many customers are there?", "data_source": "sample", field: "a\x00"}
    assert page.post("/", body).status_code == 400
    assert not Query.objects.exists()


def test_a_null_character_names_no_organization(page: Client) -> None:
    assert page.post("/organization", {"organization": "acme\x00"}).status_code == 404


def test_words_of_people_are_shown_and_never_run(page: Client, source: DataSource) -> None:
    DataSource.objects.update(label=SCRIPT)
    shown: Any = page.post("/", {"question": SCRIPT, "data_source": "sample"}, follow=True)
    for address in (shown.request["PATH_INFO"], "/", "/history"):
        text = page.get(address).content.decode()
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(page: Client, place: str) -> None:
    response = page.get("/sign-in", {"next": place})
    assert response.status_code == 302
    assert response.headers["Location"] == "/"


def test_nobody_cancels_for_somebody_else(page: Client, bob: User, acme: Organization, client_of: Any) -> None:
    add_member(organization=acme, user=bob, role=Role.ADMIN)
    query = Query.objects.create(
        organization=acme, user=bob, data_source=DataSource.objects.get(), question="How many customers are there?"
    )
    assert page.post(f"/queries/{query.pk}/cancel").status_code == 404
    assert (
        client_of(User.objects.get(email="alice@acme.example")).post(f"/api/v1/queries/{query.pk}/cancel").status_code
        == 404
    )
    assert client_of(bob).post(f"/api/v1/queries/{query.pk}/cancel").status_code == 200


def test_files_from_pages_count_against_the_same_limit_as_those_of_the_api(
    page: Client, acme: Organization, alice: User, source: DataSource, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.PARLEY = settings.PARLEY.model_copy(update={"rate_per_minute": 1})
    query = Query.objects.create(organization=acme, user=alice, data_source=source, question="q")
    address = f"/queries/{query.pk}/result.csv"
    page.get(address)
    assert "Too many requests" in page.get(address, follow=True).content.decode()


def test_a_suggestion_is_asked_in_the_same_conversation(
    page: Client, acme: Organization, alice: User, source: DataSource
) -> None:
    conversation = Conversation.objects.create(organization=acme, user=alice, data_source=source, title="q")
    query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="q", conversation=conversation, answer="One.",
        status=Status.ANSWERED,
    )  # fmt: skip
    query.last_run = Run.objects.create(
        organization=acme, query=query, number=1, sql="SELECT 1", suggestions=["By month", SCRIPT]
    )
    query.save()
    shown = page.get(f"/queries/{query.pk}").content.decode()
    assert '<button class="plain" name="question" value="By month">' in shown
    assert SCRIPT not in shown
    body = {"question": "By month", "data_source": source.name, "conversation": str(conversation.pk)}
    assert page.post("/", body).status_code == 302
    assert Query.objects.get(question="By month").conversation == conversation
