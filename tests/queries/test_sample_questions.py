"""The acceptance questions about the sample, asked on a real PostgreSQL server through the whole journey."""

import datetime as dt
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource, Kind
from apps.datasources.sample import LoadedSample
from apps.datasources.services import create_data_source, sync_data_source
from apps.queries.models import Query, Status
from apps.queries.services import Request, ask_here, dismiss_and_go_on, go_on_here
from tests.datasources.sample.conftest import DATABASE, PASSWORD, READER, admin_url, loaded
from tests.datasources.sample.questions import as_json, clear_questions, comparable

__all__ = ["admin_url", "loaded"]  # the fixtures of the sample's own tests

pytestmark = pytest.mark.django_db(transaction=True)  # a run's lease is renewed from another thread
TODAY = dt.date(2026, 11, 21)
REVENUE = "What was our revenue last year?"
INVOICED, RECEIVED = "9,506,586.26", "8,784,581.93"


@pytest.fixture
def sample(as_alice: Principal, admin_url: str, loaded: LoadedSample, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    """Acme's source with the full sample, on the day that the questions were written for."""
    assert loaded.row_count
    monkeypatch.setattr("apps.queries.steps.understanding.timezone.localdate", lambda: TODAY)
    place = conninfo_to_dict(admin_url)
    source = create_data_source(
        organization=as_alice.organization,
        name="sample",
        kind=Kind.POSTGRES,
        host=place["host"],
        port=place.get("port"),
        database=DATABASE,
        username=READER,
        password=PASSWORD,
        is_of_installation=True,
    )
    return sync_data_source(source)


def ask(principal: Principal, source: DataSource, question: str) -> Query:
    return ask_here(principal=principal, request=Request(question, source, {"engine": "builtin"}))


def outcome(query: Query, question: dict[str, Any]) -> str:
    """`right`, or what came instead."""
    if query.status != Status.ANSWERED or query.last_run is None:
        return str(query.status)
    ordered = question.get("ordered", False)
    expected = comparable(question["expected"], ordered=ordered)
    found = comparable(as_json(query.last_run.result.rows), ordered=ordered)
    return "right" if found == expected else f"wrong: {query.last_run.sql}"


def test_every_clear_question_is_answered_right(as_alice: Principal, sample: DataSource) -> None:
    outcomes = {one["question"]: outcome(ask(as_alice, sample, one["question"]), one) for one in clear_questions()}
    assert {question: came for question, came in outcomes.items() if came != "right"} == {}


def test_revenue_is_asked_about_and_goes_on_with_what_was_invoiced(as_alice: Principal, sample: DataSource) -> None:
    query = ask(as_alice, sample, REVENUE)
    assert query.status == Status.NEEDS_CLARIFICATION
    assert query.clarification is not None
    (question,) = query.clarification.questions.all()
    assert (question.field, question.phrase) == ("metric", "revenue")
    assert [option["label"] for option in question.options] == ["Invoiced", "Received"]
    assert [option["preview"]["rows"] for option in question.options] == [[[INVOICED]], [[RECEIVED]]]

    dismiss_and_go_on(query.clarification)
    answered = go_on_here(query)
    assert answered.status == Status.ANSWERED
    assert answered.last_run is not None
    assert INVOICED in answered.answer
    assert any("Invoiced" in assumption for assumption in answered.last_run.assumptions)
