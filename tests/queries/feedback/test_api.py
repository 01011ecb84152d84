"""Feedback over REST: one's own, what a correction becomes, and the reviewers' queue."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.common.errors import Conflict
from apps.datasources.models import AccessPolicy, DataSource
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState
from apps.queries.feedback.models import Feedback, FeedbackOutcome
from apps.queries.feedback.serializers import FeedbackMetricsShape, FeedbackShape
from apps.queries.feedback.services import resolve_feedback
from apps.queries.models import Conversation, Query, Run, Status
from tests.queries.verified.conftest import SALARIES, ask

pytestmark = pytest.mark.django_db
with_a_journey = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
QUESTION = "How many orders are there?"
RIGHT = "SELECT count(*) FROM orders WHERE amount > 20"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    """A query of Alice's that was answered."""
    made: Query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question=QUESTION, status=Status.ANSWERED
    )
    made.last_run = Run.objects.create(
        organization=acme, query=made, number=1, sql="SELECT count(*) FROM orders", reads={"orders": []},
        engine="builtin", status=Status.ANSWERED,
    )  # fmt: skip
    made.save()
    return made


def say(client: APIClient, query: Query, verdict: str = "down", **more: Any) -> Any:
    return client.post(f"/api/v1/queries/{query.pk}/feedback", {"verdict": verdict, **more}, format="json")


def queue(client: APIClient, **wanted: Any) -> Any:
    return client.get("/api/v1/feedback", wanted).json()["results"]


def resolve(client: APIClient, pk: str, outcome: str, **more: Any) -> Any:
    return client.post(f"/api/v1/feedback/{pk}/resolve", {"outcome": outcome, **more}, format="json")


def test_one_verdict_a_person_and_changing_it_replaces_it(api: APIClient, query: Query) -> None:
    first = say(api, query, "down", reason="wrong_period", text="I meant this year")
    assert first.status_code == 200, first.content
    assert set(first.json()) == set(FeedbackShape().fields)
    assert (first.json()["state"], first.json()["reason"]) == ("open", "wrong_period")
    second = say(api, query, "up").json()
    assert (second["id"], second["state"], second["reason"], second["text"]) == (first.json()["id"], "noted", None, "")
    assert api.get(f"/api/v1/queries/{query.pk}/feedback").json()["verdict"] == "up"
    assert api.get(f"/api/v1/queries/{query.pk}").json()["feedback"] == {
        "verdict": "up", "reason": None, "text": "", "state": "noted",
    }  # fmt: skip
    acts = AuditEvent.objects.filter(action="feedback.given")
    assert [event.target_id for event in acts] == [second["id"]] * 2


@with_a_journey
def test_a_corrected_sql_answers_the_question_once_somebody_reviewed_it(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    asked = ask(api, QUESTION)
    assert asked["result"]["rows"] == [[5]]
    given = say(api, Query.objects.get(), corrected_sql=RIGHT).json()
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.PROPOSED
    assert ask(api, QUESTION)["result"]["rows"] == [[5]]
    reviewer = client_of(dana)
    [waiting] = queue(reviewer, state="open")
    assert (waiting["corrected_sql"], waiting["person"]) == (RIGHT, "alice@acme.example")
    done = resolve(reviewer, given["id"], "verified_query", note="thank you").json()
    assert (done["state"], done["outcome"], done["reviewer"]) == ("resolved", "verified_query", "dana@acme.example")
    for client in (api, reviewer):
        found = ask(client, QUESTION)
        assert (found["result"]["rows"], found["verified_by"]) == ([[4]], "dana@acme.example")
    assert AuditEvent.objects.filter(action="feedback.resolved").count() == 1


def test_corrected_words_go_with_the_sql_that_there_is(api: APIClient, query: Query) -> None:
    say(api, query, "up", corrected_question="How many orders have we had?")
    proposed = VerifiedQuery.objects.get()
    assert (proposed.question, proposed.sql) == ("How many orders have we had?", "SELECT count(*) FROM orders")


def test_a_second_correction_takes_the_place_of_the_first_and_none_takes_it_back(api: APIClient, query: Query) -> None:
    say(api, query, corrected_sql=RIGHT)
    say(api, query, corrected_sql="SELECT 7 FROM orders")
    assert [one.sql for one in VerifiedQuery.objects.all()] == ["SELECT 7 FROM orders"]
    say(api, query, "up")
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.RETIRED


@pytest.mark.parametrize("sql", ["DELETE FROM orders", "SELECT * FROM nowhere", "SELECT 1; SELECT 2", "x"])
def test_sql_that_the_guard_refuses_corrects_nothing(api: APIClient, query: Query, sql: str) -> None:
    assert say(api, query, corrected_sql=sql).status_code in (400, 403, 422)
    assert not Feedback.objects.exists()
    assert not VerifiedQuery.objects.exists()


def test_words_that_lean_on_another_question_have_to_be_said_whole(api: APIClient, query: Query) -> None:
    query.conversation = Conversation.objects.create(
        organization=query.organization, data_source=query.data_source, title="Orders"
    )
    query.save()
    following = Query.objects.create(
        organization=query.organization, user=query.user, data_source=query.data_source, question="and in 2025?",
        conversation=query.conversation, status=Status.CANNOT_ANSWER,
    )  # fmt: skip
    for words in ({}, {"corrected_question": " AND in 2025"}):
        refused = say(api, following, corrected_sql=RIGHT, **words)
        assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["corrected_question"])
    assert say(api, following, corrected_sql=RIGHT, corrected_question="Orders in 2025?").status_code == 200
    assert say(api, query, corrected_sql=RIGHT).status_code == 200


def test_a_query_that_has_not_ended_has_no_answer_to_speak_of(api: APIClient, query: Query) -> None:
    Query.objects.update(status=Status.RUNNING)
    assert say(api, query).json()["error"]["code"] == "query_not_ended"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verdict": "sideways"}, "verdict"), ({"reason": "bad"}, "reason"), ({"text": "x" * 2_001}, "text"),
        ({"text": 7}, "text"), ({"text": "a\x00b"}, "text"),
        ({"corrected_sql": "SELECT " + "x" * 20_001}, "corrected_sql"),
        ({"corrected_question": "x" * 10_001}, "corrected_question"), ({"stars": 5}, "stars"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(api: APIClient, query: Query, body: dict[str, Any], field: str) -> None:
    answer = say(api, query, **body)
    assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, [field])
    assert not Feedback.objects.exists()


def test_bob_may_judge_but_not_correct_and_charlie_finds_nothing(
    api: APIClient, client_of: ClientOf, bob: User, charlie: User, globex_source: DataSource, query: Query
) -> None:
    viewer, stranger = client_of(bob), client_of(charlie)
    assert say(viewer, query, "down").status_code == 200
    assert say(viewer, query, "down", corrected_sql=RIGHT).status_code == 403
    assert viewer.get("/api/v1/feedback").status_code == 403
    given = str(Feedback.objects.get().pk)
    assert resolve(viewer, given, "noted").status_code == 403
    assert say(stranger, query).status_code == 404
    assert resolve(stranger, given, "noted").status_code == 404
    assert queue(stranger) == []
    assert stranger.get("/api/v1/feedback/metrics").json()["rated"] == 0
    assert api.get(f"/api/v1/queries/{query.pk}").json()["feedback"] is None  # it is Bob's
    assert api.get(f"/api/v1/queries/{query.pk}/feedback").status_code == 404


def test_a_reviewer_sees_neither_queries_nor_corrections_that_read_what_they_may_not(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource, query: Query
) -> None:
    given = say(api, query, corrected_sql=SALARIES[1]).json()
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST, tables={"except": ["staff"]}
    )
    reviewer = client_of(dana)
    [seen] = queue(reviewer)
    assert (seen["id"], seen["corrected_sql"], seen["verified_query"]) == (given["id"], None, None)
    assert "staff" not in str(seen)
    assert resolve(reviewer, given["id"], "verified_query").status_code == 404
    Run.objects.update(reads={"staff": ["salary"]})
    assert queue(reviewer) == []
    assert resolve(reviewer, given["id"], "noted").status_code == 404


def test_the_queue_is_filtered(api: APIClient, client_of: ClientOf, dana: User, query: Query) -> None:
    say(api, query, "up")
    say(client_of(dana), query, "down", reason="unclear")
    assert [one["verdict"] for one in queue(api)] == ["down", "up"]
    assert [one["verdict"] for one in queue(api, state="open", data_source="sample", reason="unclear")] == ["down"]
    assert [one["verdict"] for one in queue(api, verdict="up")] == ["up"]
    assert api.get("/api/v1/feedback", {"verdict": "sideways"}).status_code == 400
    assert api.get("/api/v1/feedback", {"colour": "red"}).status_code == 400


def test_a_dismissed_correction_is_retired_and_nothing_is_resolved_twice(api: APIClient, query: Query) -> None:
    given = say(api, query, corrected_sql=RIGHT).json()
    assert resolve(api, given["id"], "rule").json()["error"]["details"] == {
        "rule": ["Name a rule of the organization."]
    }
    assert resolve(api, given["id"], "dismissed", note="it is right").json()["note"] == "it is right"
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.RETIRED
    assert resolve(api, given["id"], "noted").json()["error"]["code"] == "already_resolved"
    assert say(api, query, "down").json()["state"] == "open"  # said anew


def test_a_reviewer_approves_only_what_they_read(api: APIClient, query: Query, as_alice: Principal) -> None:
    say(api, query, corrected_sql=RIGHT)
    read = Feedback.objects.select_related("verified_query__data_source", "organization").get()
    say(api, query, corrected_sql="SELECT 7 FROM orders")
    with pytest.raises(Conflict, match="changed meanwhile"):
        resolve_feedback(
            read, principal=as_alice, outcome=FeedbackOutcome.VERIFIED_QUERY, verified_query=read.verified_query
        )
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.PROPOSED


@with_a_journey
def test_of_two_reviewers_at_once_one_resolves_it(
    api: APIClient, dana: User, query: Query, as_alice: Principal
) -> None:
    say(api, query, corrected_sql=RIGHT)
    as_dana = Principal(Membership.objects.select_related("organization", "user").get(user=dana))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def review(principal: Principal) -> None:
        related = ("organization", "verified_query__data_source__organization")
        read = Feedback.objects.select_related(*related).get()
        start.wait(timeout=10)
        try:
            resolve_feedback(
                read, principal=principal, outcome=FeedbackOutcome.VERIFIED_QUERY, verified_query=read.verified_query
            )
            outcomes.append("done")
        except Conflict as error:
            outcomes.append(error.error_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(review, one)) for one in (as_alice, as_dana)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["already_resolved", "done"]
    assert AuditEvent.objects.filter(action="feedback.resolved").count() == 1
    assert VerifiedQuery.objects.get().state == VerifiedQueryState.APPROVED


def test_rates_are_figures_of_the_organization(api: APIClient, client_of: ClientOf, dana: User, query: Query) -> None:
    empty = api.get("/api/v1/feedback/metrics").json()
    assert set(empty) == set(FeedbackMetricsShape().fields)
    assert (empty["answered"], empty["rated"], empty["approval_rate"]) == (1, 0, None)
    say(api, query, "up")
    say(client_of(dana), query, "down", reason="unclear")
    found = api.get("/api/v1/feedback/metrics").json()
    assert (found["rated"], found["up"], found["approval_rate"], found["rated_share"]) == (2, 1, 0.5, 1.0)
    assert (found["by_reason"], found["by_engine"]) == ({"unclear": 1}, {"builtin": {"up": 1, "down": 1}})
    later = api.get("/api/v1/feedback/metrics", {"since": timezone.now().isoformat()}).json()
    assert (later["answered"], later["rated"]) == (0, 0)
