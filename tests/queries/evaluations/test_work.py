"""One worker at a time, every case finished once, nothing lost: also when workers die in the middle."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import AuditEvent, Measure, Period, Subject
from apps.accounts.models.quotas import Quota, UsageCounter
from apps.accounts.principal import Principal
from apps.datasources.errors import SourceUnavailable
from apps.datasources.models import DataSource
from apps.llm.models import ModelCall
from apps.queries.evaluations import services, work
from apps.queries.evaluations.here import finish_here
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationStatus
from apps.queries.evaluations.services import (
    EvaluationRequest,
    cancel_evaluation,
    save_evaluation,
    start_evaluation,
    sweep_evaluations,
)  # fmt: skip
from apps.queries.evaluations.settings import settings_in_force
from apps.queries.evaluations.work import MOST_ATTEMPTS, take_evaluation, work_on
from apps.queries.work.leases import LeaseLost
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import dead_url, serve
from tests.queries.evaluations.conftest import BY_COUNTRY, COUNT, OTHERWISE, PRODUCTS, Evaluate, Verify

__all__ = ["dead_url", "serve"]  # fixtures of the model engine's own tests
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
Save = Callable[..., Evaluation]


@pytest.fixture
def save(as_alice: Principal, source: DataSource, verify: Verify) -> Save:
    """An evaluation of three verified queries that waits for a worker."""
    verify(COUNT, PRODUCTS, OTHERWISE)

    def now(engine: str = "builtin", runs: int = 1) -> Evaluation:
        found = settings_in_force(as_alice.organization, source, engine=engine)
        return save_evaluation(principal=as_alice, request=EvaluationRequest(source, found, runs))

    return now


def taken(evaluation: Evaluation) -> Evaluation:
    found = take_evaluation(evaluation.organization, evaluation.pk)
    assert found is not None
    return found


def age_lease(evaluation: Evaluation) -> None:
    Evaluation.objects.filter(pk=evaluation.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def finished(evaluation: Evaluation) -> int:
    return int(EvaluationCase.objects.filter(evaluation=evaluation, finished_at__isnull=False).count())


def now(evaluation: Evaluation) -> Evaluation:
    found: Evaluation = Evaluation.objects.get(pk=evaluation.pk)
    return found


def test_only_one_worker_gets_an_evaluation_and_one_evaluation_an_organization(save: Save) -> None:
    first, second = save(), save()
    assert take_evaluation(first.organization, first.pk) is not None
    assert take_evaluation(first.organization, first.pk) is None
    assert take_evaluation(second.organization, second.pk) is None


def test_a_stretch_of_work_ends_in_time_and_the_next_goes_on(save: Save) -> None:
    evaluation = save()
    assert work_on(taken(evaluation), seconds=0.0) is True
    assert now(evaluation).status == EvaluationStatus.QUEUED
    done_before = finished(evaluation)
    assert done_before < 3
    assert work_on(taken(evaluation), seconds=None) is False
    assert (now(evaluation).status, finished(evaluation)) == (EvaluationStatus.DONE, 3)
    assert now(evaluation).busy_ms > 0


def test_a_worker_that_was_given_up_writes_nothing_more(save: Save) -> None:
    evaluation = save()
    lost = taken(evaluation)
    age_lease(evaluation)
    successor = taken(evaluation)
    with pytest.raises(LeaseLost):
        work_on(lost, seconds=None)
    assert finished(evaluation) == 0
    work_on(successor, seconds=None)
    assert finished(evaluation) == 3


def test_cancelling_stops_a_worker_and_keeps_what_is_finished(save: Save, as_alice: Principal) -> None:
    evaluation = save()

    def cancel(count: int) -> None:
        if count == 2:
            cancel_evaluation(evaluation, principal=as_alice)

    with pytest.raises(LeaseLost):
        work_on(taken(evaluation), seconds=None, progress=cancel)
    assert (now(evaluation).status, finished(evaluation)) == (EvaluationStatus.CANCELLED, 2)
    assert sweep_evaluations() == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_puts_every_question_once(
    as_alice: Principal, source: DataSource, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(COUNT, PRODUCTS)
    put: list[str] = []
    monkeypatch.setattr(
        "apps.queries.evaluations.work.propose_readings",
        lambda context, **options: put.append(context.question) or [],  # type: ignore[func-returns-value]
    )
    request = EvaluationRequest(source, settings_in_force(as_alice.organization, source, engine="builtin"))
    evaluation = start_evaluation(principal=as_alice, request=request)
    services.ring(evaluation)
    assert now(evaluation).status == EvaluationStatus.DONE
    assert put == [COUNT[0], PRODUCTS[0]]


def test_the_sweeper_rings_for_what_lost_its_worker_or_its_message(
    save: Save, django_capture_on_commit_callbacks: Any
) -> None:
    lost, unheard = save(), save()
    taken(lost)
    assert sweep_evaluations() == 0
    age_lease(lost)
    Evaluation.objects.filter(pk=unheard.pk).update(queued_at=timezone.now() - timedelta(seconds=60))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_evaluations() == 2
    assert {now(lost).status, now(unheard).status} == {EvaluationStatus.DONE}


def test_an_evaluation_that_ends_every_worker_is_given_up(save: Save) -> None:
    evaluation = save()
    for _ in range(MOST_ATTEMPTS):
        taken(evaluation)
        age_lease(evaluation)
    assert sweep_evaluations() == 0
    assert (now(evaluation).status, now(evaluation).error_code) == (EvaluationStatus.FAILED, "workers_lost")
    assert AuditEvent.objects.filter(action="evaluation.failed").count() == 1


def test_a_source_that_is_away_costs_no_question_its_outcome(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation = save()

    def away(*args: Any, **options: Any) -> None:
        raise SourceUnavailable

    with monkeypatch.context() as broken:
        broken.setattr("apps.queries.evaluations.database.execute", away)
        for _ in range(MOST_ATTEMPTS - 1):
            assert work_on(taken(evaluation), seconds=None) is False
            assert (now(evaluation).status, finished(evaluation)) == (EvaluationStatus.QUEUED, 0)
    assert work_on(taken(evaluation), seconds=None) is False
    assert now(evaluation).status == EvaluationStatus.DONE
    assert now(evaluation).summary["ex"] == 0.6667


def test_a_source_that_stays_away_ends_the_evaluation(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise SourceUnavailable

    evaluation = save()
    monkeypatch.setattr("apps.queries.evaluations.database.execute", away)
    for _ in range(MOST_ATTEMPTS):
        work_on(taken(evaluation), seconds=None)
    assert (now(evaluation).status, now(evaluation).error_code) == (EvaluationStatus.FAILED, "source_unavailable")


def test_whoever_may_no_longer_ask_has_nothing_evaluated(save: Save, as_alice: Principal) -> None:
    evaluation = save()
    as_alice.membership.is_active = False
    as_alice.membership.save()
    work_on(taken(evaluation), seconds=None)
    assert (now(evaluation).status, now(evaluation).error_code) == (EvaluationStatus.FAILED, "no_longer_allowed")


def test_what_would_change_data_is_turned_away_before_any_engine(
    as_alice: Principal, source: DataSource, verify: Verify
) -> None:
    verify(("Delete all customers", "SELECT count(*) FROM customers"))
    request = EvaluationRequest(source, settings_in_force(as_alice.organization, source, engine="builtin"))
    saved = save_evaluation(principal=as_alice, request=request)
    finish_here(as_alice.organization, saved.pk, progress=lambda done, total: None)
    case = EvaluationCase.objects.get()
    assert (case.status, case.correct, case.reason) == ("declined", False, "no reading")


READ = {"sql": "SELECT count(*) FROM customers", "explanation": "customers", "likelihood": 0.9}
SAID: dict[str, Any] = {"json": {"readings": [READ]}, "prompt_tokens": 1_000, "completion_tokens": 7, "times": 20}
COST = Decimal("0.00257")


def test_a_model_is_charged_for_each_question_once_and_estimated_before(
    save: Save, serve: Callable[..., ModelServer]
) -> None:
    server = serve(SAID)
    evaluation = save(engine="model", runs=2)
    assert evaluation.models_used == {"reasoning": "small", "implementation": "small"}
    assert evaluation.estimate["questions"] == 6
    assert Decimal(evaluation.estimate["cost_usd"]) > 0
    assert not server.received
    work_on(taken(evaluation), seconds=None)
    summary = now(evaluation).summary
    assert (summary["n"], summary["runs"], summary["ex"], summary["cost_usd"]) == (3, 2, 0.3333, f"{COST * 6}")
    assert (summary["prompt_tokens"], summary["completion_tokens"]) == (6_000, 42)
    assert ModelCall.objects.count() == 6
    assert spent(evaluation) == COST * 6
    services.evaluate_for_a_while(evaluation.organization, evaluation.pk, seconds=1)
    assert spent(evaluation) == COST * 6


def test_the_same_outcome_in_every_run_is_asked_of_a_model(
    save: Save, serve: Callable[..., ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MODEL_THREADS", 1)  # the replies are told apart by their order
    other = {**SAID, "json": {"readings": [{**READ, "sql": "SELECT count(*) FROM products"}]}}
    serve({**SAID, "times": 3}, other)
    evaluation = save(engine="model", runs=2)
    work_on(taken(evaluation), seconds=None)
    summary = now(evaluation).summary
    assert summary["ex_by_run"] == [0.3333, 0.3333]
    assert (summary["unsteady"], summary["unsteady_sql"]) == (2, 3)


def test_an_evaluation_stops_where_the_quota_ends(save: Save, serve: Callable[..., ModelServer]) -> None:
    serve(SAID)
    evaluation = save(engine="model", runs=5)
    Quota.objects.create(
        organization=evaluation.organization, subject=Subject.ORGANIZATION, measure=Measure.COST,
        period=Period.MONTH, limit=COST * 2,
    )  # fmt: skip
    work_on(taken(evaluation), seconds=None)
    assert (now(evaluation).status, now(evaluation).error_code) == (EvaluationStatus.FAILED, "quota_exceeded")
    assert 2 <= finished(evaluation) < 15
    assert spent(evaluation) == COST * finished(evaluation)
    assert now(evaluation).summary["ex"] is not None


def test_a_model_that_cannot_be_reached_is_told_for_each_question(
    save: Save, serve: Callable[..., ModelServer], settings: Any
) -> None:
    serve({"status": 401, "times": 20})
    evaluation = save(engine="model")
    work_on(taken(evaluation), seconds=None)
    assert now(evaluation).summary["by_reason"] == {"model_refused": 3}


def spent(evaluation: Evaluation) -> Decimal:
    counters = UsageCounter.objects.for_org(evaluation.organization).filter(
        subject=Subject.ORGANIZATION, measure=Measure.COST, period=Period.MONTH
    )
    return sum(counters.values_list("amount", flat=True), Decimal(0))


WORKER = """
import os, sys, uuid, time, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from apps.accounts.row_security import across_organizations
from apps.queries.evaluations.models import Evaluation
from apps.queries.evaluations import work
from apps.queries.evaluations.work import take_evaluation, work_on
from tests.queries.evaluations.known_engine import propose_readings
work.propose_readings = propose_readings
def progress(finished):
    print(finished, flush=True)
    if finished == 2:
        time.sleep(60)
with across_organizations("a worker of a test"):
    evaluation = Evaluation.objects.select_related("organization", "data_source").get(pk=uuid.UUID(sys.argv[2]))
    settings.SOURCE_FOLDERS = ["*=" + os.path.dirname(evaluation.data_source.database)]
    work_on(take_evaluation(evaluation.organization, evaluation.pk), seconds=None, progress=progress)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_halfway_loses_nothing_and_no_finished_case_is_put_again(
    save: Save, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(BY_COUNTRY)
    evaluation = save()
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), str(evaluation.pk)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "QUERY_LEASE_SECONDS": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    assert (now(evaluation).status, finished(evaluation)) == (EvaluationStatus.RUNNING, 2)
    before = dict(EvaluationCase.objects.values_list("position", "finished_at"))
    end = time.monotonic() + 20
    while not now(evaluation).state.is_final and time.monotonic() < end:
        sweep_evaluations()
        time.sleep(0.2)
    assert (now(evaluation).status, finished(evaluation)) == (EvaluationStatus.DONE, 4)
    after = dict(EvaluationCase.objects.values_list("position", "finished_at"))
    assert [after[place] == moment for place, moment in before.items() if moment] == [True, True]
    assert now(evaluation).summary["ex"] == 0.75


def test_an_evaluation_does_not_answer_itself(
    verify: Verify, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is verified is what it compares with: the engine is asked all the same, and gets none of it to look at."""
    heard: list[Any] = []

    def propose(context: Any, **more: Any) -> list[Any]:
        heard.append(context)
        return []

    verify(COUNT, ("How many customers do we have?", COUNT[1]))
    monkeypatch.setattr("apps.queries.evaluations.work.propose_readings", propose)
    done = evaluate()
    assert [(one.examples, one.rules) for one in heard] == [((), ())] * 2
    assert done.summary["ex"] == 0.0
