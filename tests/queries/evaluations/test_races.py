"""Many at once: an evaluation is taken by one worker, a case is finished once, a question is approved once."""

from decimal import Decimal

import pytest

from apps.accounts.models import Organization
from apps.accounts.principal import Principal
from apps.common.errors import Conflict
from apps.datasources.models import DataSource
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import approve_verified_query
from apps.llm.calls import CallRecord
from apps.llm.models import ModelCall
from apps.queries.evaluation.outcome import Outcome, Status
from apps.queries.evaluations.database import database_for
from apps.queries.evaluations.models import Evaluation, EvaluationCase
from apps.queries.evaluations.recording import finish_case
from apps.queries.evaluations.services import MOST_UNFINISHED, EvaluationRequest, save_evaluation
from apps.queries.evaluations.settings import settings_in_force
from apps.queries.evaluations.work import take_evaluation
from tests.accounts.conftest import all_at_once
from tests.queries.evaluations.conftest import COUNT, PRODUCTS, Verify

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


def test_of_many_workers_one_takes_one_of_an_organizations_evaluations(
    as_alice: Principal, acme: Organization, source: DataSource, verify: Verify
) -> None:
    verify(COUNT)
    request = EvaluationRequest(source, settings_in_force(acme, source, engine="builtin"))
    saved = [save_evaluation(principal=as_alice, request=request) for _ in range(2)]
    taken = all_at_once([lambda pk=one.pk: take_evaluation(acme, pk) for one in saved] * (MANY // 2))
    assert sum(isinstance(one, Evaluation) for one in taken) == 1, taken
    assert taken.count(None) == MANY - 1


def test_of_many_who_start_at_once_only_so_many_do(
    as_alice: Principal, acme: Organization, source: DataSource, verify: Verify
) -> None:
    verify(COUNT)
    request = EvaluationRequest(source, settings_in_force(acme, source, engine="builtin"))
    started = all_at_once([lambda: save_evaluation(principal=as_alice, request=request)] * MANY)
    assert sum(isinstance(one, Conflict) for one in started) == MANY - MOST_UNFINISHED
    assert Evaluation.objects.count() == MOST_UNFINISHED


def test_a_case_that_is_finished_many_times_is_written_and_charged_once(
    as_alice: Principal, acme: Organization, source: DataSource, verify: Verify
) -> None:
    verify(COUNT)
    request = EvaluationRequest(source, settings_in_force(acme, source, engine="builtin"))
    evaluation = take_evaluation(acme, save_evaluation(principal=as_alice, request=request).pk)
    assert evaluation is not None
    case, database = EvaluationCase.objects.get(), database_for(as_alice, source, None)  # type: ignore[arg-type]
    outcome = Outcome(case.name, "", Status.ANSWERED, cost_usd=Decimal("0.01"), prompt_tokens=5)
    call = CallRecord("readings/1", "small", "ok", 5, cost_usd=Decimal("0.01"), prompt_tokens=5)
    all_at_once([lambda: finish_case(evaluation, case, outcome, [call], database)] * MANY)
    assert ModelCall.objects.count() == 1
    assert EvaluationCase.objects.get().prompt_tokens == 5


def test_of_many_answers_to_one_question_one_is_approved(as_alice: Principal, verify: Verify) -> None:
    proposals = verify(*[(COUNT[0], PRODUCTS[1])] * 5, approved=False)
    done = all_at_once([lambda one=one: approve_verified_query(one, principal=as_alice) for one in proposals])
    assert sum(isinstance(one, VerifiedQuery) for one in done) == 1, done
    assert {one.error_code for one in done if isinstance(one, Conflict)} == {"already_one"}
