"""The commands, as a person at a shell uses them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.datasources.models import DataSource
from apps.queries.models import Query
from apps.queries.shapes import QueryShape

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_ask_prints_the_query_of_the_contract(source: DataSource) -> None:
    body = json.loads(run("ask", "How many customers are there?", "--source", "sample", "--json"))
    assert set(body) == set(QueryShape().fields)
    assert body["status"] == "answered"
    assert Query.objects.get().user.email == "alice@acme.example"


def test_ask_prints_question_sql_table_answer_and_steps(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    text = run("ask", "How many customers are there?", "--source", "sample")
    for word in ("Question", "SQL", "SELECT", "Result", "Answer", "Steps", "planner"):
        assert word in text


@pytest.mark.parametrize(
    ("question", "arguments", "told"),
    [
        ("How many?", ["--source", "nowhere"], "nowhere"),
        ("How many?", ["--source", "sample", "--as", "charlie@globex.example"], "charlie@globex.example"),
        ("   ", ["--source", "sample"], "question"),
        ("x" * 10_001, ["--source", "sample"], "question"),
    ],
)
def test_bad_input_is_told_in_words(
    source: DataSource, charlie: User, question: str, arguments: list[str], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        run("ask", question, *arguments)
    assert not Query.objects.exists()


def test_doctor_finds_what_is_wrong_and_says_how_to_mend_it(source: DataSource) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    text = out.getvalue()
    assert ended.value.code == 1
    assert "ok    database" in text
    assert "ok    data source acme/sample" in text
    assert "FAIL  workers" in text
    assert "make run" in text


def test_doctor_is_content_where_everything_is_well(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.queries.management.commands.doctor.check_workers", lambda: "1 answer")
    text = run("doctor")
    assert "FAIL" not in text


def test_doctor_names_a_source_that_does_not_answer(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.queries.management.commands.doctor.check_workers", lambda: "1 answer")
    DataSource.objects.update(database="/nowhere/at/all.sqlite")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "FAIL  data source acme/sample" in out.getvalue()
