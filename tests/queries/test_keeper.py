"""The leases of everything that a process holds: renewed by one thread in few statements, lost when they are lost."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.datasources.models import DataSource
from apps.queries import services
from apps.queries.models import Query, Status
from apps.queries.recording import open_run
from apps.queries.work import keeper, leases
from apps.queries.work.keeper import KEEPER, Held
from apps.queries.work.leases import LeaseLost, give_back_all, kept_lease, take_lease, update_leased
from apps.queries.work.queues import queue_of

pytestmark = pytest.mark.django_db(transaction=True)
Taken = Callable[[int], list[Query]]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RENEWAL_SECONDS", 0.05)


@pytest.fixture
def taken(acme: Organization, alice: User, source: DataSource) -> Taken:
    """So many queries that this process has taken."""

    def take(count: int) -> list[Query]:
        made = [Query(organization=acme, user=alice, data_source=source, question="q") for _ in range(count)]
        found = [take_lease(acme, one.pk) for one in Query.objects.bulk_create(made)]
        return [one for one in found if one is not None]

    return take


def renewals() -> int:
    return sum(thread.name == "leases" for thread in threading.enumerate())


def test_one_thread_renews_them_all(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RENEWALS", 400)  # each time it looks
    queries = taken(5)
    before = {one.pk: one.lease_expires_at for one in queries}
    with kept_lease(queries[0]), kept_lease(queries[1]), kept_lease(queries[2]) as lost:
        assert renewals() == 1
        time.sleep(0.3)
        assert not lost.is_set()
    assert renewals() == 0
    after = dict(Query.objects.values_list("pk", "lease_expires_at"))
    assert [after[one.pk] > before[one.pk] for one in queries] == [True] * 3 + [False] * 2


def test_looking_after_many_costs_as_many_statements_as_after_one(taken: Taken) -> None:
    costs = []
    for count in (1, 15):
        held = [Held(one, None) for one in taken(count)]
        with CaptureQueriesContext(connection) as captured:
            keeper._look_after(held)
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 3


@pytest.mark.parametrize("how", ["cancelled", "taken by another"])
def test_whoever_lost_theirs_is_told_and_nobody_else(how: str, taken: Taken) -> None:
    mine, others = taken(2)
    with kept_lease(others) as still, kept_lease(mine) as lost:
        if how == "cancelled":
            services.cancel_query(mine)
        else:
            Query.objects.filter(pk=mine.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
            assert take_lease(mine.organization, mine.pk) is not None
        assert lost.wait(5)
        assert not still.is_set()


def test_work_beyond_its_time_is_renewed_no_longer(
    taken: Taken, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "ENDING_SECONDS", -300.0)
    settings.PARLEY = settings.PARLEY.model_copy(update={"query_deadline_seconds": 300})
    [query] = taken(1)
    before = query.lease_expires_at
    with kept_lease(query) as lost:
        assert lost.wait(5)
    assert Query.objects.get().lease_expires_at == before


def test_a_worker_that_ends_gives_back_what_it_holds_and_nothing_else(taken: Taken) -> None:
    mine, done, others = taken(3)
    open_run(mine)
    with kept_lease(mine) as lost, kept_lease(done):
        update_leased(done, status=Status.ANSWERED, lease_token=None, lease_expires_at=None)
        assert [one.pk for one in give_back_all()] == [mine.pk]
        assert lost.is_set()
    given = Query.objects.get(pk=mine.pk)
    assert (given.status, given.lease_token, given.attempts) == (Status.QUEUED, None, 0)
    assert Query.objects.get(pk=done.pk).status == Status.ANSWERED
    assert Query.objects.get(pk=others.pk).status == Status.RUNNING
    with pytest.raises(LeaseLost):
        update_leased(mine, stage="executing")
    again = take_lease(mine.organization, mine.pk)
    assert again is not None
    assert open_run(again).number == 1
    assert KEEPER.all_held() == []


QUEUES = {
    "the built-in engine, asked for": ({"engine": "builtin"}, "small", "questions"),
    "a model, asked for": ({"engine": "model"}, "small", "model_questions"),
    "a model, by its name": ({"reasoning_model": "small"}, "small", "model_questions"),
    "what the installation takes, with a model": ({}, "small", "model_questions"),
    "what the installation takes, without": ({}, None, "questions"),
    "a model where there is none": ({"engine": "model"}, None, "questions"),
}


@pytest.mark.parametrize(("options", "model", "queue"), QUEUES.values(), ids=list(QUEUES))
def test_a_question_goes_to_the_queue_whose_worker_it_needs(
    options: dict[str, str], model: str | None, queue: str, taken: Taken, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"model_name": model})
    [query] = taken(1)
    query.options = options
    assert queue_of(query) == queue
    sent: list[str] = []
    task = current_app.tasks[services.ANSWER_TASK]
    monkeypatch.setattr(task, "apply_async", lambda args, **options: sent.append(options["queue"]))
    services.ring(query)
    assert sent == [queue]
