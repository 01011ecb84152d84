"""One worker at a time, one outcome, nothing lost: also when workers die in the middle."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Measure, Organization, Period, Subject, User
from apps.accounts.models.quotas import UsageCounter
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries import services
from apps.queries.journey import answer_query
from apps.queries.models import Query, Run, Status, Step
from apps.queries.recording import open_run
from apps.queries.services import Request, ask
from apps.queries.work.leases import LeaseLost, leased, take_lease, update_leased

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def queued(acme: Organization, alice: User, source: DataSource) -> Query:
    query: Query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="How many customers are there?"
    )
    return query


def charged(query: Query) -> int:
    """How many questions the organization was charged."""
    counters = UsageCounter.objects.for_org(query.organization).filter(
        subject=Subject.ORGANIZATION, measure=Measure.QUESTIONS, period=Period.DAY
    )
    return int(sum(counters.values_list("amount", flat=True)))


def age_lease(query: Query) -> None:
    Query.objects.filter(pk=query.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_only_one_worker_gets_a_query(queued: Query) -> None:
    assert take_lease(queued.organization, queued.pk) is not None
    assert take_lease(queued.organization, queued.pk) is None


def test_a_message_that_comes_twice_answers_and_charges_once(as_alice: Principal, source: DataSource) -> None:
    queued = ask(principal=as_alice, request=Request("How many customers are there?", source, {}), surface="api")
    services.ring(queued)
    services.ring(queued)
    assert Query.objects.get().status == Status.ANSWERED
    assert Run.objects.count() == 1
    assert charged(queued) == 1


def test_a_message_holds_two_ids_and_nothing_else(queued: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, Any]] = []
    task = current_app.tasks[services.ANSWER_TASK]
    monkeypatch.setattr(task, "apply_async", lambda args, **options: sent.append((args, options)))
    services.ring(queued)
    assert sent == [((str(queued.organization_id), str(queued.pk)), {"retry": False, "queue": "questions"})]


def test_a_query_whose_worker_died_is_taken_by_the_next(queued: Query) -> None:
    first = take_lease(queued.organization, queued.pk)
    age_lease(queued)
    second = take_lease(queued.organization, queued.pk)
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLost):
        update_leased(first, stage="executing")
    assert leased(second).exists()


def test_a_worker_that_was_given_up_writes_no_outcome(queued: Query) -> None:
    lost = take_lease(queued.organization, queued.pk)
    age_lease(queued)
    successor = take_lease(queued.organization, queued.pk)
    assert lost is not None
    assert successor is not None
    with pytest.raises(LeaseLost):
        answer_query(lost)
    assert Query.objects.get().status == Status.RUNNING
    answer_query(successor)
    assert Query.objects.get().status == Status.ANSWERED
    assert Run.objects.filter(status=Status.ANSWERED).count() == 1


def test_the_sweeper_finds_what_lost_its_worker_and_what_lost_its_message(queued: Query) -> None:
    assert services.sweep() == 0
    Query.objects.update(queued_at=timezone.now() - timedelta(seconds=60))
    assert services.sweep() == 1
    assert Query.objects.get().status == Status.ANSWERED
    assert services.sweep() == 0


def test_a_broker_that_is_away_costs_nothing_but_time(
    as_alice: Principal, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(current_app.tasks[services.ANSWER_TASK], "apply_async", refuse)
    query = ask(principal=as_alice, request=Request("How many customers are there?", source, {}), surface="api")
    assert Query.objects.get(pk=query.pk).status == Status.QUEUED
    monkeypatch.undo()
    Query.objects.update(queued_at=timezone.now() - timedelta(seconds=60))
    services.sweep()
    assert Query.objects.get(pk=query.pk).status == Status.ANSWERED


def test_cancelling_stops_a_running_worker_from_writing(queued: Query) -> None:
    taken = take_lease(queued.organization, queued.pk)
    assert taken is not None
    services.cancel_query(queued)
    with pytest.raises(LeaseLost):
        answer_query(taken)
    assert Query.objects.get().status == Status.CANCELLED
    assert not Step.objects.exists()


def test_a_query_that_ends_every_worker_is_given_up_and_not_tried_for_ever(queued: Query) -> None:
    for _ in range(services.MOST_ATTEMPTS):
        taken = take_lease(queued.organization, queued.pk)
        assert taken is not None
        open_run(taken)
        age_lease(queued)
    assert services.sweep() == 0
    query = Query.objects.get()
    assert (query.status, query.error_code, query.lease_token) == (Status.FAILED, "workers_lost", None)
    assert Run.objects.get().status == Status.FAILED
    with pytest.raises(LeaseLost):
        update_leased(taken, stage="executing")


WORKER = """
import os, sys, uuid, time, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from apps.accounts.row_security import across_organizations
from apps.queries import journey
from apps.queries.steps import checking
from apps.queries.work.leases import take_lease
from apps.queries.models import Query
from apps.queries.recording import RunRecorder
plain = RunRecorder.step
def slow(self, function, *args, **kwargs):
    value = plain(self, function, *args, **kwargs)
    if function.__name__ == "check_readings":
        print("checked", flush=True)
        time.sleep(60)
    return value
RunRecorder.step = slow
with across_organizations("a worker of a test"):
    query = Query.objects.select_related("organization").get(pk=uuid.UUID(sys.argv[2]))
    settings.SOURCE_FOLDERS = ["*=" + os.path.dirname(query.data_source.database)]
    journey.answer_query(take_lease(query.organization, query.pk))
"""


def test_a_worker_killed_in_the_middle_of_a_query_leaves_it_to_be_answered_and_charged_once(
    as_alice: Principal, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unheard:
        unheard.setattr(services, "ring", lambda query: None)
        request = Request("How many customers are there?", source, {})
        queued = ask(principal=as_alice, request=request, surface="api")
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), str(queued.pk)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "QUERY_LEASE_SECONDS": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "checked\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    assert Query.objects.get().status == Status.RUNNING
    end = time.monotonic() + 20
    while Query.objects.get().status == Status.RUNNING and time.monotonic() < end:
        services.sweep()
        time.sleep(0.2)
    query = Query.objects.get()
    assert query.status == Status.ANSWERED
    assert query.attempts == 2
    assert Run.objects.count() == 1
    assert charged(query) == 1
    numbers = list(Step.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
