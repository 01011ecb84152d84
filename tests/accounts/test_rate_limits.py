"""Rate limits: counted for whom, told how, and tightened under load."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.load import limit_factor, register_gauge
from apps.accounts.models import Organization, User
from apps.accounts.principal import Principal
from apps.accounts.services import create_api_key
from apps.datasources.models import DataSource
from apps.queries.models import Query
from tests.conftest import PASSWORD

ClientOf = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _limits_are_on(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    cache.clear()


def test_every_answer_of_a_limited_route_tells_its_windows(client_of: ClientOf, acme: Organization, alice: User):
    for address, status in (
        ("/api/v1/queries", 200),
        ("/api/v1/queries?page_size=none", 400),
    ):
        answer = client_of(alice).get(address)
        assert answer.status_code == status
        assert answer["RateLimit-Policy"] == '"minute";q=60;w=60, "hour";q=1000;w=3600'
        assert answer["RateLimit"].startswith('"minute";r=')


def test_the_keys_of_a_person_share_the_persons_limit(as_alice: Principal):
    answers = []
    for number in range(2):
        _, secret = create_api_key(membership=as_alice.membership, name=str(number))
        answers.append(APIClient().get("/api/v1/queries", headers={"X-API-Key": secret}))
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["59", "58"]


def test_asking_and_reading_are_counted_apart(client_of: ClientOf, acme: Organization, alice: User):
    client_of(alice).get("/api/v1/queries")
    asked = client_of(alice).post("/api/v1/queries", {}, format="json")
    assert (asked["X-RateLimit-Limit"], asked["X-RateLimit-Remaining"]) == ("10", "9")


def test_the_sign_in_page_is_limited_by_address_and_tells_it(client: Client, alice: User):
    form = {"username": "alice@acme.example", "password": "wrong"}
    answers = [client.post("/sign-in", form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert (answers[-1]["X-RateLimit-Remaining"], int(answers[-1]["Retry-After"]) > 0) == ("0", True)
    assert client.post("/sign-in", {**form, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize(("waiting", "share"), [(100, 1.0), (101, 100 / 101), (200, 0.5), (4_000, 0.25)])
def test_limits_tighten_with_the_work_that_waits(db: None, monkeypatch: pytest.MonkeyPatch, waiting: int, share: float):
    monkeypatch.setattr("apps.accounts.load._gauges", [lambda: waiting])
    assert limit_factor() == pytest.approx(share)


def test_queries_that_wait_tighten_everybodys_limit(
    client_of: ClientOf, acme: Organization, source: DataSource, alice: User, settings: Any
):
    settings.PARLEY = settings.PARLEY.model_copy(update={"tighten_limits_at_waiting": 2})
    Query.objects.bulk_create(Query(organization=acme, user=alice, data_source=source, question="q") for _ in range(4))
    assert client_of(alice).get("/api/v1/queries")["X-RateLimit-Limit"] == "30"


def test_a_gauge_is_registered_once(monkeypatch: pytest.MonkeyPatch):
    gauges: list[Callable[[], int]] = []
    monkeypatch.setattr("apps.accounts.load._gauges", gauges)
    one = len
    register_gauge(one)  # type: ignore[arg-type]
    register_gauge(one)  # type: ignore[arg-type]
    assert gauges == [one]


@pytest.mark.parametrize("beginning", range(0, 60, 7))
def test_waiting_as_long_as_the_answer_says_is_enough_and_less_is_not(
    client_of: ClientOf, acme: Organization, alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch, beginning: int
):
    settings.PARLEY = settings.PARLEY.model_copy(update={"rate_per_minute": 3})
    client, now = client_of(alice), 1_800_000_000 + beginning

    def call_at(second: int) -> Any:
        monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: float(second)))
        return client.get("/api/v1/queries")

    told = call_at(now)
    seconds = int(told["X-RateLimit-Reset"])
    assert 1 <= seconds <= 60
    assert told["RateLimit"].startswith(f'"minute";r=2;t={seconds}, ')
    assert [call_at(now).status_code for _ in range(3)] == [200, 200, 429]
    last = call_at(now + seconds - 1)
    assert (last.status_code, last["Retry-After"]) == (429, "1")
    begun = call_at(now + seconds)
    assert (begun.status_code, begun["X-RateLimit-Remaining"], begun["X-RateLimit-Reset"]) == (200, "2", "60")


def test_where_two_limits_are_spent_the_longer_wait_is_told(
    client_of: ClientOf, acme: Organization, alice: User, settings: Any
):
    settings.PARLEY = settings.PARLEY.model_copy(update={"rate_per_minute": 1, "rate_per_hour": 2})
    client = client_of(alice)
    refused = [client.get("/api/v1/queries") for _ in range(4)][-1]
    windows = {part.split(";")[0]: int(part.split("t=")[1]) for part in refused["RateLimit"].split(", ")}
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == max(windows.values())
