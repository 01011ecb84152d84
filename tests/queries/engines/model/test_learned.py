"""What people taught reaches the model, within what the asking person may see; its readings follow rules like any."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.principal import Principal
from apps.clarification.models import Rule
from apps.datasources.models import DataSource
from apps.knowledge.terms import create_term
from apps.knowledge.verified_queries import approve_verified_query, propose_verified_query
from apps.llm.privacy import PrivacyLevel
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from apps.queries.services import answer_and_go_on, go_on_here
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import configure

Serve = Callable[..., ModelServer]
Ask = Callable[..., Query]
QUESTION = "Which paid German entries do we have?"
LIKE = {
    "employees": ("Which paid entries are there?", "SELECT salary FROM employees ORDER BY salary DESC LIMIT 1"),
    "values": ("Which German entries are there?", "SELECT id FROM customers WHERE country = 'Germany'"),
    "plain": ("Which paid or German entries are there?", "SELECT max(id) FROM orders"),
}
COUNT = {"sql": "SELECT COUNT(*) AS n FROM orders", "explanation": "number of orders", "likelihood": 0.9}
ANSWER = {"json": {"readings": [COUNT]}}


@pytest.fixture
def taught(as_alice: Principal, source: DataSource) -> None:
    """Verified questions like the one asked, a term, and a rule of Alice's."""
    for question, sql in LIKE.values():
        made = propose_verified_query(principal=as_alice, source=source, question=question, sql=sql)
        approve_verified_query(made, principal=as_alice)
    create_term(principal=as_alice, data_source=source, term="whale", definition="one of our largest entries")
    Rule.objects.create(
        organization=source.organization, data_source=source, person=as_alice.user, author=as_alice.user,
        field="entity", phrase="entries", label="staff", reads={"employees": ["salary"]},
    )  # fmt: skip


def prompt_of(server: ModelServer) -> str:
    return json.dumps(server.received[0].body, ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\")


def test_the_model_is_told_what_people_taught(serve: Serve, ask: Ask, taught: None, settings: Any) -> None:
    server = serve(ANSWER)
    configure(settings, model_base_url=server.url, model_privacy=PrivacyLevel.SAMPLES)
    assert ask(QUESTION).status == Status.ANSWERED
    prompt = prompt_of(server)
    for question, sql in LIKE.values():
        assert question in prompt
        assert sql in prompt
    assert "one of our largest entries" in prompt
    assert 'field entity, phrase "entries": label "staff"' in prompt


def test_what_a_policy_hides_is_not_told(
    serve: Serve, ask: Ask, taught: None, settings: Any, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("policy")  # made after all that was taught
    server = serve(ANSWER)
    configure(settings, model_base_url=server.url, model_privacy=PrivacyLevel.SAMPLES)
    ask(QUESTION)
    prompt = prompt_of(server)
    assert LIKE["plain"][1] in prompt
    for hidden in (LIKE["employees"][1], "salary", "paid entries", LIKE["values"][1], '"staff"'):
        assert hidden not in prompt, hidden


def test_where_a_model_sees_the_schema_only_it_sees_no_values_of_verified_sql(
    serve: Serve, ask: Ask, taught: None, settings: Any
) -> None:
    server = serve(ANSWER)
    configure(settings, model_base_url=server.url, model_privacy=PrivacyLevel.SCHEMA)
    ask(QUESTION)
    prompt = prompt_of(server)
    assert LIKE["plain"][1] in prompt
    assert re.search(r"SELECT id FROM customers WHERE country = 'VALUE_\d'", prompt)
    assert "Germany" not in prompt


@pytest.mark.django_db(transaction=True)
def test_a_choice_among_a_models_readings_is_remembered(serve: Serve, ask: Ask) -> None:
    def reading(table: str, phrase: str) -> dict[str, Any]:
        choice = {"field": "entity", "phrase": phrase, "label": table, "meaning": f"rows of {table}"}
        return {"sql": f"SELECT COUNT(*) FROM {table}", "likelihood": 0.5, "choices": [choice]}

    both = [{"json": {"readings": [reading(one, phrase) for one in ("orders", "customers")]}}
            for phrase in ("entries", "Entries")]  # fmt: skip
    server = serve(*both)
    waiting: Any = ask("How many entries are there?")
    options = {one["label"]: one["id"] for one in waiting.clarification.questions.get().options}
    answer_and_go_on(waiting.clarification, [{"question_id": "q1", "option_id": options["customers"]}])
    assert "FROM customers" in query_json(go_on_here(waiting))["sql"]
    body = query_json(ask("Entries: how many of them?"))
    assert (body["status"], len(server.received)) == ("answered", 2)
    assert "FROM customers" in body["sql"]
    [applied] = body["rules_applied"]
    assert applied["words"].startswith("“entries” is taken as “customers”, by your rule of ")
