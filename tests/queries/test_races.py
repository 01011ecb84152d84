"""Fifty at once: a query is taken by one worker, a key ends once, and an organization gets its share and no more."""

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.services.api_keys import create_api_key, revoke_api_key
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Status
from apps.queries.services import ring
from apps.queries.work.leases import at_work, take_lease, update_leased
from tests.accounts.conftest import actions, all_at_once, key_client

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50


def queued(acme: Organization, alice: User, source: DataSource, count: int) -> list[Query]:
    return [
        Query.objects.create(
            organization=acme, user=alice, data_source=source, question="How many customers are there?"
        )
        for _ in range(count)
    ]


def share(settings: Any, count: int) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"queries_at_once": count})


def test_of_fifty_workers_one_takes_a_query(acme: Organization, alice: User, source: DataSource) -> None:
    [query] = queued(acme, alice, source, 1)
    taken = all_at_once([lambda: take_lease(acme, query.pk)] * MANY)
    assert sum(isinstance(one, Query) for one in taken) == 1, taken
    assert taken.count(None) == MANY - 1
    assert Query.objects.get().attempts == 1


def test_of_fifty_queries_an_organizations_share_is_taken(
    acme: Organization, globex: Organization, alice: User, source: DataSource, settings: Any
) -> None:
    share(settings, 5)
    waiting = queued(acme, alice, source, MANY)
    taken = all_at_once([lambda pk=one.pk: take_lease(acme, pk) for one in waiting])
    assert sum(isinstance(one, Query) for one in taken) == at_work(acme) == 5, taken
    [others] = queued(globex, alice, source, 1)
    assert take_lease(globex, others.pk) is not None  # another organization waits for none of them


def test_what_was_held_back_is_woken_when_there_is_room(
    acme: Organization, alice: User, source: DataSource, settings: Any
) -> None:
    share(settings, 1)
    first, second = queued(acme, alice, source, 2)
    at = take_lease(acme, first.pk)
    assert at is not None
    ring(second)
    assert Query.objects.get(pk=second.pk).status == Status.QUEUED
    update_leased(at, status=Status.QUEUED, lease_token=None, lease_expires_at=None)
    ring(first)  # its end wakes the other
    assert {one.status for one in Query.objects.all()} == {Status.ANSWERED}
    assert Run.objects.count() == 2


def test_of_fifty_who_revoke_and_call_at_once_nobody_is_let_in_afterwards(acme: Organization, alice: User) -> None:
    key, secret = create_api_key(membership=Membership.objects.get(user=alice), name="script", scopes=["read"])

    def revoke_and_call() -> int:
        revoke_api_key(ApiKey.objects.get(pk=key.pk), actor=alice)
        return int(key_client(secret).get("/api/v1/queries").status_code)

    assert all_at_once([revoke_and_call] * MANY) == [401] * MANY
    assert actions().count("api_key.revoked") == 1
    assert ApiKey.objects.get().revoked_at <= timezone.now()
