"""The watch over all prompts sees what it is there to see; and no prompt about the sample tells what it must not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.datasources.access import Access
from apps.datasources.models import DataSource
from apps.datasources.stored_schema import load_schema
from apps.knowledge.likeness import Example
from apps.llm.personal_data import find_personal, kind_of_column
from apps.llm.privacy import PrivacyLevel
from apps.queries.context import Context, Turn
from apps.queries.engines.model.messages import opening_messages
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from apps.queries.steps.understanding import context_of
from tests.datasources.sample.questions import read_questions, readings_sql
from tests.model_server import ModelServer
from tests.prompt_watch import PromptWatch, Sent, unquoted
from tests.queries.engines.model.conftest import OTHERS, secrets_in

Serve = Callable[..., ModelServer]
Ask = Callable[..., Query]


def body(said: str, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": said}]}


@pytest.fixture
def fresh(prompt_watch: PromptWatch) -> PromptWatch:
    return PromptWatch(prompt_watch.values, prompt_watch.plain_words)


def test_the_watch_sees_values_in_prompts_and_in_what_is_embedded(fresh: PromptWatch) -> None:
    assert len(fresh.forbidden) > 300
    for said in ("customers of Germany", 'country = \\"germany\\"', "x\\nGERMANY's"):
        fresh.sent[:] = [Sent(body(said), "schema")]
        assert fresh.leaks() == ["germany"], said
    fresh.sent[:] = [Sent({"input": ["customers of Germany"]}, "schema")]
    assert fresh.leaks() == ["germany"]


def test_the_watch_leaves_alone_what_is_allowed(fresh: PromptWatch) -> None:
    fresh.sent[:] = [Sent(body("Germany"), "samples"), Sent(body("SELECT 'Germany'", "assistant"), "schema"),
                     Sent(body("orders of customers in VALUE_1"), "schema")]  # fmt: skip
    assert fresh.leaks() == []


def test_the_watch_fails_a_test_whose_prompts_leak(fresh: PromptWatch, settings: Any) -> None:
    for said in ("customers of Germany", OTHERS[0], settings.SECRET_KEY):
        around = fresh.checked(settings, tells_values=lambda: False)
        next(around)
        fresh.sent.append(Sent(body(said), "schema"))
        with pytest.raises(AssertionError):
            next(around)
    assert secrets_in(settings.SECRET_KEY, settings)


def test_every_request_of_this_run_is_heard(serve: Serve, ask: Ask, prompt_watch: PromptWatch) -> None:
    server = serve({"json": {"readings": [{"sql": "SELECT COUNT(*) AS n FROM orders", "likelihood": 0.9}]}})
    ask("How many orders are there?", engine="model")
    assert [one.body for one in prompt_watch.sent] == [one.body for one in server.received] != []


def sample_contexts(source: DataSource) -> list[Context]:
    """Every acceptance question about the sample, with two others as its conversation and its verified queries."""
    questions = read_questions()
    made = []
    for number, one in enumerate(questions):
        others = [questions[(number + step) % len(questions)] for step in (1, 2)]
        context = context_of(one["question"], source, Access(load_schema(source)), fiscal_year_start_month=1)
        turns = tuple(Turn(other["question"], readings_sql(other)[0]) for other in others)
        known = tuple(Example(other["question"], readings_sql(other)[-1]) for other in others)
        made.append(replace(context, history=turns, examples=known))
    return made


def told(context: Context) -> str:
    return unquoted(opening_messages(context, window_tokens=32_768).messages[-1]["content"])


def test_no_prompt_about_the_sample_tells_a_value_under_schema(source: DataSource, prompt_watch: PromptWatch) -> None:
    contexts = sample_contexts(source)
    assert len(contexts) >= 40
    assert {context.question: found for context in contexts if (found := prompt_watch.values_in(told(context)))} == {}
    open_texts = [told(replace(context, privacy=PrivacyLevel.SAMPLES)) for context in contexts]
    assert all(prompt_watch.values_in(text) for text in open_texts)  # the same prompts hold values where they may


def test_no_prompt_about_the_sample_tells_personal_data_under_samples(source: DataSource, sample_file: Path) -> None:
    personal = {
        sample for table in load_schema(source) for column in table.columns
        if kind_of_column(column.name, table.full_name) for sample in column.samples if not sample.isdigit()
    }  # fmt: skip
    assert len(personal) > 10
    for context in sample_contexts(source):
        text = told(replace(context, privacy=PrivacyLevel.SAMPLES))
        assert [one.value for one in find_personal(text)] == []
        assert [one for one in personal if one in text] == []


def test_a_question_with_a_value_is_answered_without_telling_it(serve: Serve, ask: Ask) -> None:
    made = {
        "sql": "SELECT COUNT(*) AS n FROM customers WHERE country = 'VALUE_1'", "likelihood": 0.9,
        "explanation": "customers in VALUE_1", "assumptions": ["VALUE_1 is the country.", "Of VALUE_9 nothing."],
    }  # fmt: skip
    server = serve({"json": {"readings": [made]}})
    query = ask("How many customers are in germany?", engine="model")
    shown = query_json(query)
    assert query.status == Status.ANSWERED
    assert "country = 'Germany'" in shown["sql"]
    assert "Germany is the country." in shown["assumptions"]
    assert "VALUE_" not in str(shown)
    assert "in VALUE_1?" in server.received[0].text


def test_a_placeholder_that_nobody_gave_is_sent_back(serve: Serve, ask: Ask) -> None:
    def counted(value: str) -> dict[str, Any]:
        sql = f"SELECT COUNT(*) AS n FROM customers WHERE country = '{value}'"
        return {"json": {"readings": [{"sql": sql, "likelihood": 0.9}]}}

    server = serve(counted("VALUE_7"), counted("VALUE_1"))
    query = ask("How many customers are in Germany?", engine="model")
    assert "There is no placeholder VALUE_7." in server.received[1].text
    assert "country = 'Germany'" in query_json(query)["sql"]


@pytest.mark.parametrize("level", ["samples", ""])
def test_a_data_source_says_what_models_see(level: str, serve: Serve, ask: Ask, source: DataSource,
                                            request: pytest.FixtureRequest) -> None:  # fmt: skip
    if level:
        request.node.add_marker(pytest.mark.tells_values("the source says so"))
    DataSource.objects.filter(pk=source.pk).update(privacy_level=level)
    source.refresh_from_db()
    server = serve({"json": {"readings": [{"sql": "SELECT COUNT(*) AS n FROM customers", "likelihood": 0.9}]}})
    ask("How many customers are in Germany?", engine="model")
    assert ("Germany" in server.received[0].text) == bool(level)
