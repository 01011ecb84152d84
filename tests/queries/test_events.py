"""Event streams: a bounded number, given back however they end, and ended with the right to read them."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.principal import Principal
from apps.accounts.services import create_api_key
from apps.accounts.services.api_keys import revoke_api_key
from apps.accounts.services.sign_out import sign_out_everywhere
from apps.common.errors import Unavailable
from apps.datasources.models import DataSource
from apps.queries import events
from apps.queries.events import event_stream
from apps.queries.models import Query, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    made: Query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="How many?", status=Status.CANCELLED
    )
    return made


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_streams", events.threading.BoundedSemaphore(2))


def test_one_stream_too_many_is_told_to_come_again(query: Query, as_alice: Principal, two_places: None) -> None:
    streams = [event_stream(query, lambda: as_alice, last_seen="") for _ in range(2)]
    with pytest.raises(Unavailable):
        event_stream(query, lambda: as_alice, last_seen="")
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("last_seen", ["", "3", "abc", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "9" * 5_000])
def test_a_place_is_given_back_whatever_the_client_saw_last(
    query: Query, as_alice: Principal, two_places: None, last_seen: str
) -> None:
    for _ in range(5):
        assert b"event: query" in b"".join(event_stream(query, lambda: as_alice, last_seen=last_seen))  # type: ignore[arg-type]


def test_a_client_that_goes_away_gives_its_place_back(query: Query, as_alice: Principal, two_places: None) -> None:
    for _ in range(5):
        event_stream(query, lambda: as_alice, last_seen="").close()


def ends_the_membership(key: ApiKey) -> None:
    Membership.objects.filter(user=key.user).update(is_active=False)


def makes_a_guest(key: ApiKey) -> None:
    Membership.objects.filter(user=key.user).delete()


def disables_the_person(key: ApiKey) -> None:
    User.objects.filter(pk=key.user_id).update(is_active=False)


def signs_out(key: ApiKey) -> None:
    sign_out_everywhere(key.user)


def revokes_the_key(key: ApiKey) -> None:
    revoke_api_key(key)


def narrows_the_key(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(scopes=["ask"])


def closes_the_organization(key: ApiKey) -> None:
    Organization.objects.filter(pk=key.organization_id).update(is_active=False)


def changes_nothing(key: ApiKey) -> None:
    pass


EVERYBODYS = [ends_the_membership, makes_a_guest, disables_the_person, closes_the_organization]


@pytest.mark.parametrize(
    ("how", "change", "goes_on"),
    [
        *[(how, change, False) for how in ("key", "token") for change in EVERYBODYS],
        ("key", revokes_the_key, False), ("key", narrows_the_key, False), ("key", signs_out, True),
        ("token", signs_out, False), ("token", revokes_the_key, True),
        ("key", changes_nothing, True), ("token", changes_nothing, True),
    ],
)  # fmt: skip
def test_a_stream_ends_with_the_right_to_read_it(
    how: str, change: Callable[[ApiKey], None], goes_on: bool, query: Query, as_alice: Principal,
    monkeypatch: pytest.MonkeyPatch, client_of: Callable[[User], APIClient],
) -> None:  # fmt: skip
    Query.objects.update(status=Status.RUNNING)
    key, secret = create_api_key(membership=as_alice.membership, name="reader", scopes=["read"])
    client = client_of(as_alice.user) if how == "token" else APIClient(headers={"X-API-Key": secret})

    def pause(seconds: float) -> None:  # at the first look it was allowed; then the right goes and the query ends
        change(key)
        Query.objects.update(status=Status.CANCELLED)

    monkeypatch.setattr(events.time, "sleep", pause)
    stream: Any = client.get(f"/api/v1/queries/{query.pk}/events")
    assert stream.status_code == 200
    assert (b"event: query" in b"".join(stream.streaming_content)) is goes_on


def test_an_answer_that_was_waited_for_is_not_given_once_the_right_has_gone(
    source: DataSource, as_alice: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = create_api_key(membership=as_alice.membership, name="asker", scopes=["ask"])

    def wait(*_: Any) -> bool:
        revoke_api_key(key)
        return True

    monkeypatch.setattr("apps.queries.api.wait_for_outcome", wait)
    body = {"question": "How many customers are there?", "data_source": "sample"}
    client = APIClient(headers={"X-API-Key": secret, "Prefer": "wait=5"})
    assert client.post("/api/v1/queries", body, format="json").status_code == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403), ("null", 403), ("http://testserver.evil.example", 403), ("", 403),
        ("http://testserver", 200), ("https://allowed.example", 200), (None, 200),
    ],
)  # fmt: skip
def test_scripts_of_other_sites_open_no_stream(
    query: Query, alice: User, client_of: Callable[[User], APIClient], settings: Any, origin: str | None, status: int
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://allowed.example"]
    headers = {} if origin is None else {"Origin": origin}
    answer: Any = client_of(alice).get(f"/api/v1/queries/{query.pk}/events", headers=headers)
    assert answer.status_code == status
    answer.close()
