"""While too many queries wait, new ones are turned away before they cost anything; the rest goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.accounts.models.quotas import UsageCounter
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.monitoring.health import CheckFailed
from apps.queries.models import Query, Status
from apps.queries.services import Request, ask
from apps.queries.work.intake import COUNT_KEY, TooManyWaiting, check_backlog, seconds_until_room
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = {"question": "How many customers are there?", "data_source": "sample"}


@pytest.fixture
def full(acme: Organization, alice: User, source: DataSource, settings: Any) -> list[Query]:
    """Three queries wait, and no more may."""
    settings.PARLEY = settings.PARLEY.model_copy(update={"queries_waiting_most": 3})
    cache.delete(COUNT_KEY)
    return Query.objects.bulk_create(
        Query(organization=acme, user=alice, data_source=source, question="q", idempotency_key=f"k{at}",
              request_digest=Request("q", source, {}).digest)
        for at in range(3)
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    cache.delete(COUNT_KEY)


def test_a_new_question_is_turned_away_with_a_time_to_come_back(
    full: list[Query], client_of: Callable[[User], APIClient], alice: User
) -> None:
    answer = client_of(alice).post("/api/v1/queries", COUNT, format="json")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "too_many_waiting"
    assert int(answer["Retry-After"]) >= 1
    assert Query.objects.count() == 3
    assert not UsageCounter.objects.exists()


def test_other_organizations_are_turned_away_as_well(
    full: list[Query], client_of: Callable[[User], APIClient], charlie: User, globex_source: DataSource
) -> None:
    assert client_of(charlie).post("/api/v1/queries", COUNT, format="json").status_code == 503


def test_a_repeat_of_an_accepted_question_still_gets_its_query(
    full: list[Query], as_alice: Principal, source: DataSource
) -> None:
    again = ask(principal=as_alice, request=Request("q", source, {}, idempotency_key="k1"), surface="api")
    assert again.pk == full[1].pk
    with pytest.raises(TooManyWaiting):
        ask(principal=as_alice, request=Request("q", source, {}, idempotency_key="k9"), surface="api")


def test_a_page_says_so(full: list[Query], alice: User, source: DataSource) -> None:
    browser = Client()
    browser.login(username=alice.email, password=PASSWORD)
    page = browser.post("/", {"question": "How many customers?", "data_source": source.name})
    assert page.status_code == 503
    assert "Ask again in about" in page.content.decode()


def test_there_is_room_again_once_some_have_ended(full: list[Query], as_alice: Principal, source: DataSource) -> None:
    Query.objects.filter(pk=full[0].pk).update(status=Status.CANCELLED)
    cache.delete(COUNT_KEY)
    assert ask(principal=as_alice, request=Request("How many customers are there?", source, {}), surface="api").pk


def test_the_time_is_reckoned_from_what_ended_lately(full: list[Query]) -> None:
    assert seconds_until_room(1_000, 1_000) == 60  # nothing ended: nobody knows
    now = timezone.now()
    Query.objects.filter(pk=full[0].pk).update(status=Status.ANSWERED, ended_at=now)
    Query.objects.filter(pk=full[1].pk).update(status=Status.ANSWERED, ended_at=now - timedelta(minutes=5))
    assert seconds_until_room(12, 10) == 180  # three have to end, one did in a minute
    assert seconds_until_room(5_000, 1_000) == 300  # as far as anybody looks ahead


def test_health_tells_how_many_wait(full: list[Query], settings: Any) -> None:
    with pytest.raises(CheckFailed, match="3 wait"):
        check_backlog()
    settings.PARLEY = settings.PARLEY.model_copy(update={"queries_waiting_most": 4})
    assert check_backlog() == "3 of at most 4 wait"
