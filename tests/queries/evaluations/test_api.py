"""Evaluations over REST: started, watched, looked into, compared, cancelled; by role, and only what one may see."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.evaluations import services
from apps.queries.evaluations.here import finish_here
from apps.queries.evaluations.models import Evaluation, EvaluationCase
from apps.queries.evaluations.shapes import CaseShape, DifferenceShape, EvaluationShape
from tests.queries.evaluations.conftest import BY_COUNTRY, COUNT, OTHERWISE, PRODUCTS, Evaluate, Verify

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/evaluations"
FIGURES = {
    "n", "ex", "coverage", "precision", "asked_on_ambiguous", "asked_on_clear", "readings_found", "triage_f1",
    "by_difficulty", "p50_ms", "p95_ms",
}  # fmt: skip


def start(client: APIClient, **body: Any) -> Any:
    return client.post(PATH, {"data_source": "sample", "engine": "builtin", **body}, format="json")


def evaluated(client: APIClient, **body: Any) -> str:
    """The address of an evaluation that was started over REST, once it is done."""
    answer = start(client, **body)
    assert answer.status_code == 202, answer.content
    organization = Organization.objects.get(slug="acme")
    finish_here(organization, uuid.UUID(answer.json()["id"]), progress=lambda finished, total: None)
    return str(answer["Location"])


def test_an_evaluation_is_started_and_its_figures_are_those_of_the_command(api: APIClient, verify: Verify) -> None:
    verify(COUNT, PRODUCTS, BY_COUNTRY, OTHERWISE)
    body = api.get(evaluated(api)).json()
    assert set(body) == set(EvaluationShape().fields)
    assert (body["status"], body["progress"]) == ("done", {"finished": 4, "total": 4})
    summary = body["summary"]
    assert set(summary) >= FIGURES
    assert (summary["n"], summary["ex"], summary["coverage"], summary["precision"]) == (4, 0.75, 1.0, 0.75)
    assert summary["by_reason"] == {"values": 1}
    assert summary["by_class"]["group"] == {"n": 1, "ex": 1.0, "missed": 0}
    assert summary["cost_usd"] == "0"
    acts = AuditEvent.objects.filter(action__startswith="evaluation.").order_by("number")
    assert [one.action for one in acts] == ["evaluation.started", "evaluation.done"]


def test_the_cases_say_what_became_of_each_question(api: APIClient, verify: Verify) -> None:
    verify(COUNT, OTHERWISE)
    path = f"{evaluated(api, runs=2)}/cases"
    cases = api.get(path).json()["results"]
    assert len(cases) == 4
    assert all(set(one) == set(CaseShape().fields) for one in cases)
    [first] = api.get(path, {"correct": "true", "run": 1}).json()["results"]
    assert (first["question"], first["known_sql"]) == COUNT
    assert (first["status"], first["asked"], first["reason"], first["class"]) == (
        "answered", False, None, "one table, flat",
    )  # fmt: skip
    [wrong] = api.get(path, {"correct": "false", "run": 2}).json()["results"]
    assert (wrong["question"], wrong["reason"]) == (OTHERWISE[0], "values")
    assert api.get(path, {"colour": "red"}).status_code == 400
    page = api.get(path, {"page_size": 3}).json()
    assert len(page["results"]) == 3
    assert len(api.get(page["next"]).json()["results"]) == 1


def test_the_built_in_engine_says_the_same_in_every_run(api: APIClient, verify: Verify) -> None:
    verify(COUNT, PRODUCTS, OTHERWISE)
    summary = api.get(evaluated(api, runs=3)).json()["summary"]
    assert (summary["runs"], summary["unsteady"], summary["unsteady_sql"]) == (3, 0, 0)
    assert summary["ex_by_run"] == [0.6667] * 3


def test_two_evaluations_are_compared_by_their_flips(api: APIClient, verify: Verify) -> None:
    verify(COUNT, OTHERWISE)
    before, after = (evaluated(api, threshold=threshold).rpartition("/")[2] for threshold in (0.0, 1.0))
    body = api.get(f"{PATH}/{before}/compare/{after}").json()
    assert set(body) == set(DifferenceShape().fields)
    assert body["by_kind"] == {"answered right → declined right": 1, "answered wrong → declined wrong": 1}
    assert (body["compared"], body["before"]["precision"], body["after"]["precision"]) == (2, 0.5, None)
    [flip] = [one for one in body["flips"] if one["question"] == COUNT[0]]
    assert (flip["before"], flip["after"]) == ("answered right", "declined right")
    assert api.get(f"{PATH}/{before}/compare/{before}").json()["flips"] == []


def test_proposed_ones_are_put_where_that_is_asked_for(api: APIClient, verify: Verify) -> None:
    verify(COUNT)
    verify(PRODUCTS, approved=False)
    assert start(api).json()["questions"] == 1
    assert start(api, include_proposed=True).json()["questions"] == 2


def test_nothing_to_evaluate_and_too_much_are_told_in_words(api: APIClient, verify: Verify, settings: Any) -> None:
    assert start(api).json()["error"]["code"] == "nothing_to_evaluate"
    verify(COUNT, PRODUCTS)
    settings.PARLEY = settings.PARLEY.model_copy(update={"evaluation_most_cases": 3})
    assert start(api, runs=2).json()["error"]["code"] == "too_many_cases"
    assert start(api, runs=1).status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"runs": 0}, "runs"),
        ({"runs": 11}, "runs"),
        ({"threshold": 1.1}, "threshold"),
        ({"threshold": "0.5"}, "threshold"),
        ({"engine": "oracle"}, "engine"),
        ({"reasoning_model": "nobody"}, "reasoning_model"),
        ({"data_source": "nowhere"}, "data_source"),
    ],
)
def test_what_is_not_right_is_named(api: APIClient, body: dict[str, Any], field: str) -> None:
    answer = start(api, **body)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


def test_an_evaluation_that_waits_is_cancelled_and_then_stays_so(api: APIClient, verify: Verify) -> None:
    verify(COUNT)
    pk = start(api).json()["id"]
    assert api.post(f"{PATH}/{pk}/cancel").json()["status"] == "cancelled"
    again = api.post(f"{PATH}/{pk}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "evaluation_ended")
    assert AuditEvent.objects.filter(action="evaluation.cancelled").count() == 1
    assert api.get(f"{PATH}/{pk}").json()["summary"] is None


def test_ten_may_wait_and_no_more(api: APIClient, verify: Verify) -> None:
    verify(COUNT)
    answers = [start(api).status_code for _ in range(services.MOST_UNFINISHED)]
    assert set(answers) == {202}
    assert start(api).json()["error"]["code"] == "too_many_evaluations"


def test_bob_may_look_and_charlie_sees_nothing(
    client_of: ClientOf, bob: User, charlie: User, globex: Organization, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT)
    pk = evaluate().pk
    viewer, stranger = client_of(bob), client_of(charlie)
    assert viewer.get(f"{PATH}/{pk}").json()["summary"]["ex"] == 1.0
    assert len(viewer.get(f"{PATH}/{pk}/cases").json()["results"]) == 1
    assert start(viewer).status_code == 403
    assert stranger.get(PATH).json()["results"] == []
    for path in (f"{PATH}/{pk}", f"{PATH}/{pk}/cases", f"{PATH}/{pk}/compare/{pk}"):
        assert stranger.get(path).status_code == 404


def test_who_sees_less_sees_fewer_cases_and_compares_those(
    client_of: ClientOf, bob: User, source: DataSource, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT, OTHERWISE)
    before, after = evaluate().pk, evaluate(threshold=1.0).pk
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.VIEWER, tables={"except": ["employees"]}
    )
    viewer = client_of(bob)
    assert [one["question"] for one in viewer.get(f"{PATH}/{before}/cases").json()["results"]] == [COUNT[0]]
    assert viewer.get(f"{PATH}/{before}/compare/{after}").json()["compared"] == 1


def test_both_sides_of_a_case_run_under_the_policy_of_whoever_asked(
    as_alice: Principal, source: DataSource, verify: Verify, evaluate: Evaluate
) -> None:
    """The known SQL counts all customers, of which Alice sees the Germans by now: so does what is compared with it."""
    verify(COUNT)
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.OWNER,
        rules=[{"table": "customers", "filter": "country = 'Germany'"}],
    )  # fmt: skip
    evaluation = evaluate()
    case = EvaluationCase.objects.get(evaluation=evaluation)
    assert case.correct is True
    assert case.policy
    assert case.limits.keys() == {"customers"}
    assert "Germany" not in case.sql  # what the policy adds is not shown


def test_a_verified_query_that_no_longer_runs_is_counted_as_wrong_with_its_reason(
    verify: Verify, evaluate: Evaluate
) -> None:
    [verified] = verify(COUNT)
    type(verified).objects.filter(pk=verified.pk).update(sql="SELECT count(*) FROM customers_of_old")
    evaluation: Evaluation = evaluate()
    assert evaluation.summary["by_reason"] == {"gold fails": 1}
