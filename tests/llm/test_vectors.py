"""Texts as vectors over real HTTP: asked for once, kept per organization, charged, and never in anybody's way."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from apps.accounts.models import Organization, Quota, UsageRecord
from apps.accounts.quotas import Payer
from apps.llm.embedding import likeness
from apps.llm.models import ModelCall
from apps.llm.vectors import vectors_of
from tests.model_server import ModelServer, replies

pytestmark = pytest.mark.django_db
Serve = Callable[..., ModelServer]
TEXTS = ["How many orders were shipped", "How many orders were delivered", "Average weight of parrots"]


@pytest.fixture(autouse=True)
def _nothing_kept_yet() -> None:
    cache.clear()


@pytest.fixture
def serve(settings: Any) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*script: dict[str, Any], **values: Any) -> ModelServer:
            server = stack.enter_context(ModelServer(replies(script)))
            told = {"embedding_model": "tiny", "embedding_base_url": server.url, "embedding_price_in": Decimal(2)}
            settings.PARLEY = settings.PARLEY.model_copy(update={**told, **values})
            return server

        yield start


@pytest.fixture
def payer(acme: Organization, alice: Any) -> Payer:
    return Payer(acme, alice)


def test_texts_of_the_same_words_are_alike(serve: Serve, payer: Payer) -> None:
    serve({"embeds": True})
    vectors = vectors_of(TEXTS, payer)
    assert vectors is not None
    first, second, third = vectors
    assert likeness(first, first) == pytest.approx(1)
    assert likeness(first, second) > likeness(first, third)


def test_a_text_is_asked_for_once_and_charged_once(serve: Serve, payer: Payer, acme: Organization) -> None:
    server = serve({"embeds": True})
    before = vectors_of(TEXTS, payer)
    after = vectors_of([*TEXTS, "one more"], payer)
    assert [one.embedded for one in server.received] == [TEXTS, ["one more"]]
    assert before is not None
    assert after is not None
    assert [likeness(one, other) for one, other in zip(before, after, strict=False)] == pytest.approx([1, 1, 1])
    calls = ModelCall.objects.for_org(acme).order_by("id")
    assert [(call.purpose, call.model, call.prompt_tokens) for call in calls] == [
        ("embedding", "tiny", 15), ("embedding", "tiny", 5),
    ]  # fmt: skip
    assert sum(call.cost_usd for call in calls) == Decimal("0.00004")
    assert UsageRecord.objects.filter(organization=acme, measure="tokens").exists()


def test_another_organization_asks_for_itself(serve: Serve, payer: Payer, globex: Organization) -> None:
    server = serve({"embeds": True})
    vectors_of(TEXTS, payer)
    vectors_of(TEXTS, Payer(globex, None))
    assert len(server.received) == 2


FAULTS: dict[str, dict[str, Any]] = {
    "an error": {"status": 500}, "a page": {"body": "<html>"}, "a chat": {"content": "Hello"},
    "silence": {"hang": True},
    "too few": {"body": '{"data": [{"index": 0, "embedding": [1.0]}], "usage": {"prompt_tokens": 1}}'},
    "no vector": {"body": '{"data": [{"index": 0, "embedding": []}], "usage": null}'},
    "nothing": {"body": '{"data": [{"index": 0, "embedding": [0.0, 0.0]}], "usage": null}'},
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_where_it_fails_there_are_no_vectors_and_nothing_is_kept(
    fault: dict[str, Any], serve: Serve, payer: Payer
) -> None:
    serve(fault, embedding_timeout_seconds=0.3)
    assert vectors_of(TEXTS, payer) is None
    serve({"embeds": True})
    assert vectors_of(TEXTS, payer) is not None


def test_a_used_up_quota_and_no_model_give_none(serve: Serve, payer: Payer, acme: Organization, settings: Any) -> None:
    server = serve({"embeds": True})
    Quota.objects.create(organization=acme, subject="organization", measure="tokens", period="day", limit=0)
    assert vectors_of(TEXTS, payer) is None
    assert not server.received
    settings.PARLEY = settings.PARLEY.model_copy(update={"embedding_model": None})
    assert vectors_of(TEXTS, payer) is None
