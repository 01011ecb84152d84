"""What is kept of analyses and of models' answers: taken for the very same only, and dropped by what it depends on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from apps.accounts.models import Organization
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import sync_data_source
from apps.knowledge.terms import create_term
from apps.llm.models import ModelCall
from apps.queries.models import Query, Status
from apps.queries.presentation import query_json
from tests.model_server import ModelServer
from tests.queries.engines.model.conftest import configure
from tests.queries.engines.model.test_journey import ANSWER, QUESTION

Serve = Callable[..., ModelServer]
Ask = Callable[..., Query]


@pytest.fixture(autouse=True)
def _nothing_kept_yet() -> None:
    cache.clear()


def outcomes(organization: Organization) -> list[str]:
    return list(ModelCall.objects.for_org(organization).order_by("id").values_list("outcome", flat=True))


def writing_step(query: Query) -> dict[str, Any]:
    (step,) = [one for one in query_json(query)["data_sources"] if one["type"] == "sql"]
    return dict(step)


def test_the_same_question_is_not_analysed_twice(serve: Serve, ask: Ask, acme: Organization) -> None:
    server = serve(ANSWER)
    first, second = ask(QUESTION), ask(QUESTION)
    assert (writing_step(first)["cached"], writing_step(second)["cached"]) == (False, True)
    assert second.status == Status.ANSWERED
    assert (second.answer, second.last_run.sql) == (first.answer, first.last_run.sql)
    assert (query_json(second)["engine"], query_json(second)["metadata"]["cost_usd"]) == ("model", "0")
    assert len(server.received) == 1
    assert outcomes(acme) == ["ok"]


def test_who_wants_everything_new_gets_it(serve: Serve, ask: Ask, acme: Organization) -> None:
    server = serve(ANSWER)
    ask(QUESTION)
    ask(QUESTION, wants_new_rows=True)
    assert len(server.received) == 2
    assert outcomes(acme) == ["ok", "ok"]


def test_a_sync_drops_analyses_while_the_very_same_call_is_not_paid_twice(
    serve: Serve, ask: Ask, acme: Organization, source: DataSource
) -> None:
    server = serve(ANSWER)
    ask(QUESTION)
    sync_data_source(source)
    again = ask(QUESTION)
    assert not writing_step(again)["cached"]
    assert outcomes(acme) == ["ok", "cached"]
    assert len(server.received) == 1
    assert (writing_step(again)["model"], writing_step(again)["cost_usd"]) == ("small", "0")


@pytest.mark.parametrize("change", ["policy", "glossary", "conversation"])
def test_what_an_engine_is_told_decides(
    change: str, serve: Serve, ask: Ask, source: DataSource, as_alice: Principal
) -> None:
    serve(ANSWER)
    earlier = ask(QUESTION)
    asked: dict[str, Any] = {}
    if change == "policy":
        AccessPolicy.objects.create(
            organization=source.organization, data_source=source, role="owner", tables={"except": ["employees"]}
        )
    if change == "glossary":
        create_term(principal=as_alice, data_source=source, term="order book", table="orders")
    if change == "conversation":
        asked["conversation"] = earlier.conversation
    assert not writing_step(ask(QUESTION, **asked))["cached"]


def test_an_answer_that_was_of_no_use_is_not_kept(serve: Serve, ask: Ask, acme: Organization) -> None:
    serve({"content": "I would love to help!"}, {"content": "Me too!"}, ANSWER)
    assert query_json(ask(QUESTION))["engine"] == "builtin"
    assert query_json(ask(QUESTION))["engine"] == "model"
    assert outcomes(acme) == ["unusable", "unusable", "ok"]


def test_kept_for_no_time_is_not_kept(serve: Serve, ask: Ask, settings: Any) -> None:
    server = serve(ANSWER)
    configure(settings, model_base_url=server.url, analysis_cache_seconds=0, model_cache_seconds=0)
    ask(QUESTION)
    ask(QUESTION)
    assert len(server.received) == 2
