"""Conversations are forgotten when the organization says so: at once by its admins, in time by its retention."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries.models import Conversation, Query, Status
from apps.queries.tasks import prune_conversations_task

from .conftest import Make

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PRUNE = "/api/v1/conversations/prune"


def aged(conversation: Conversation, days: int, *, asked: int | None = None) -> Conversation:
    """The same, begun so many days ago and last asked in as many, or fewer, ago."""
    now = timezone.now()
    Conversation.objects.filter(pk=conversation.pk).update(created_at=now - timedelta(days=days))
    moment = now - timedelta(days=days if asked is None else asked)
    Query.objects.filter(conversation=conversation).update(created_at=moment)
    return conversation


def test_admins_prune_what_nobody_went_on_with(
    as_alice: Principal, source: DataSource, alice: User, client_of: ClientOf, remembered: Make
) -> None:
    aged(remembered(as_alice, source, "Old?"), 40)
    kept = [aged(remembered(as_alice, source, "Old, and gone on?"), 40, asked=3), remembered(as_alice, source, "New?")]
    response = client_of(alice).post(PRUNE, {"older_than_days": 30}, format="json")
    assert response.json() == {"conversations": 1}
    assert set(Conversation.objects.values_list("pk", flat=True)) == {one.pk for one in kept}
    event = AuditEvent.objects.get(action="memory.pruned")
    assert json.loads(event.record)["details"] == {"older_than_days": 30, "conversations": 1}


@pytest.mark.parametrize("days", [-1, "30", 1.5, True, None, 10**9])
def test_days_are_a_whole_number(alice: User, acme: Organization, client_of: ClientOf, days: object) -> None:
    assert client_of(alice).post(PRUNE, {"older_than_days": days}, format="json").status_code == 400


def test_viewers_do_not_prune_and_others_do_not_reach_it(
    as_alice: Principal, source: DataSource, bob: User, charlie: User, globex: Organization, client_of: ClientOf,
    remembered: Make,
) -> None:  # fmt: skip
    aged(remembered(as_alice, source, "Old?"), 40)
    assert client_of(bob).post(PRUNE, {"older_than_days": 0}, format="json").status_code == 403
    assert client_of(charlie).post(PRUNE, {"older_than_days": 0}, format="json").json() == {"conversations": 0}
    assert Conversation.objects.count() == 1


def test_retention_forgets_in_time_and_only_where_it_is_set(
    as_alice: Principal, source: DataSource, acme: Organization, alice: User, client_of: ClientOf, remembered: Make
) -> None:
    aged(remembered(as_alice, source, "Old?"), 91)
    fresh = aged(remembered(as_alice, source, "Not so old?"), 89)
    assert prune_conversations_task() == 0
    path = f"/api/v1/organizations/{acme.pk}"
    changed = client_of(alice).patch(path, {"conversation_retention_days": 90}, format="json")
    assert changed.json()["conversation_retention_days"] == 90
    assert prune_conversations_task() == 1
    assert [one.pk for one in Conversation.objects.all()] == [fresh.pk]
    event = AuditEvent.objects.get(action="memory.expired")
    assert json.loads(event.record)["details"] == {"older_than_days": 90, "conversations": 1}
    assert client_of(alice).patch(path, {"conversation_retention_days": None}, format="json").status_code == 200
    assert client_of(alice).patch(path, {"conversation_retention_days": 0}, format="json").status_code == 400


def test_what_is_under_way_is_not_forgotten(as_alice: Principal, source: DataSource, acme: Organization,
                                            remembered: Make) -> None:  # fmt: skip
    aged(remembered(as_alice, source, "Waits for an answer?"), 91)
    Query.objects.update(status=Status.NEEDS_CLARIFICATION)
    Organization.objects.filter(pk=acme.pk).update(conversation_retention_days=1)
    assert prune_conversations_task() == 0
