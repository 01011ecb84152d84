"""The log of prompts: redacted, sealed, read by admins only, gone in time and with what it belongs to."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Membership, Organization, User
from apps.accounts.principal import Principal
from apps.common.ids import uuid7
from apps.datasources.models import DataSource
from apps.llm.calls import CallRecord
from apps.llm.exchanges import exchanges_of, log_exchanges
from apps.llm.models import ModelCall, ModelExchange
from apps.llm.redaction import redacted
from apps.queries.conversations.services import forget_conversation
from apps.queries.models import Conversation, Query, Run
from apps.queries.tasks import prune_prompts_task

pytestmark = pytest.mark.django_db
KNOWN = "installation-secret"
PROMPT = (("system", "Rules."), ("user", "Mail ann@acme.example, api_key=abcd1234efgh"))


@pytest.fixture
def run(source: DataSource, alice: User) -> Run:
    """A run of a query in a conversation of Alice's."""
    talk = Conversation.objects.create(organization=source.organization, user=alice, data_source=source)
    query = Query.objects.create(
        organization=source.organization, user=alice, data_source=source, question="How many?", conversation=talk
    )
    made: Run = Run.objects.create(organization=source.organization, query=query, number=1)
    return made


@pytest.fixture
def log(acme: Organization) -> Callable[..., ModelCall]:
    def now(run_id: Any, messages: Any = PROMPT, answer: str = "Call +49 170 1234567") -> ModelCall:
        call: ModelCall = ModelCall.objects.create(
            organization=acme, run_id=run_id, purpose="readings/3", model="small", outcome="ok", duration_ms=1
        )
        log_exchanges([(call, CallRecord("readings/3", "small", "ok", 1, messages=messages, answer=answer))])
        return call

    return now


def test_it_is_kept_sealed_without_secrets_and_personal_data(log: Any, run: Run, as_alice: Principal) -> None:
    call = log(run.pk)
    stored = ModelExchange.objects.get().sealed
    assert "Rules" not in stored
    [shown] = exchanges_of(run.pk, as_alice)
    assert shown.call == call
    assert shown.messages == (("system", "Rules."), ("user", "Mail [email], api_key=[secret]"))
    assert shown.answer == "Call [phone]"


def test_what_is_sealed_for_one_call_opens_for_no_other(log: Any, run: Run, as_alice: Principal) -> None:
    log(run.pk)
    log(run.pk, answer="another")
    first, second = ModelExchange.objects.order_by("id")
    ModelExchange.objects.filter(pk=first.pk).update(sealed=second.sealed)
    assert [one.answer for one in exchanges_of(run.pk, as_alice)] == ["another"]


def test_only_admins_of_the_organization_read_it(
    log: Any, run: Run, as_alice: Principal, bob: User, acme: Organization, globex: Organization, charlie: User
) -> None:
    log(run.pk)
    as_bob = Principal(Membership.objects.get(organization=acme, user=bob))
    as_charlie = Principal(Membership.objects.get(organization=globex, user=charlie))
    assert len(exchanges_of(run.pk, as_alice)) == 1
    assert exchanges_of(run.pk, as_bob) == exchanges_of(run.pk, as_charlie) == []
    Membership.objects.filter(pk=as_bob.membership.pk).update(role="admin")
    assert len(exchanges_of(run.pk, Principal(Membership.objects.get(pk=as_bob.membership.pk)))) == 1


def test_nothing_is_kept_where_the_installation_keeps_none(log: Any, run: Run, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"prompt_retention_days": 0})
    log(run.pk)
    assert not ModelExchange.objects.exists()


def test_upkeep_deletes_what_is_old_or_belongs_to_nothing_and_counts(log: Any, run: Run, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"prompt_retention_days": 3})
    fresh, old, orphan, of_no_run = log(run.pk), log(run.pk), log(uuid7()), log(None)
    ModelExchange.objects.filter(call=old).update(created_at=timezone.now() - timedelta(days=3, minutes=1))
    assert prune_prompts_task() == 2
    assert set(ModelExchange.objects.values_list("call", flat=True)) == {fresh.pk, of_no_run.pk}
    assert ModelCall.objects.filter(pk__in=[old.pk, orphan.pk]).count() == 2  # the bill stays
    settings.PARLEY = settings.PARLEY.model_copy(update={"prompt_retention_days": 0})
    assert prune_prompts_task() == 2


def test_a_forgotten_conversation_takes_its_prompts_along(log: Any, run: Run, as_alice: Principal) -> None:
    call, other = log(run.pk), log(None)
    forget_conversation(principal=as_alice, conversation=run.query.conversation)
    assert [one.call for one in ModelExchange.objects.all()] == [other]
    assert ModelCall.objects.filter(pk=call.pk).exists()


def test_many_calls_are_kept_in_one_write(run: Run, acme: Organization, django_assert_num_queries: Any) -> None:
    calls = [ModelCall(organization=acme, run_id=run.pk, purpose="p", model="m", outcome="ok", duration_ms=1)
             for _ in range(5)]  # fmt: skip
    ModelCall.objects.bulk_create(calls)
    with django_assert_num_queries(1):
        log_exchanges([(one, CallRecord("p", "m", "ok", 1, messages=PROMPT)) for one in calls])


SECRETS = {
    "an API key": "key sk-proj1234567890abcdefgh here",
    "an address with a password": "postgres://parley:hunter22@db.example/shop",
    "a bearer token": "Authorization: Bearer abcdefghijklmnop.qrst",
    "a signed token": "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    "a password": 'password = "correct-horse"',
    "a password in prose": "das Passwort ist Sommer2026!",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "an installation's own": f"x{KNOWN}y",
    "a sealed value": "gAAAAA" + "B" * 80,
}
PARTS = ("sk-proj", "hunter22", "abcdefghijklmnop", "eyJzdWIi", "correct-horse", "Sommer2026", "MIIE", KNOWN, "BBBB")


@pytest.mark.parametrize("text", SECRETS.values(), ids=list(SECRETS))
def test_secrets_are_taken_out(text: str) -> None:
    told = redacted(text, [KNOWN])
    assert "[secret]" in told
    assert not [part for part in PARTS if part in told]


@pytest.mark.parametrize("text", ["SELECT token FROM keys WHERE id = 'VALUE_1'", "password resets by month", "a:b@c",
                                  "https://models.example/v1", json.dumps({"secret": None})])  # fmt: skip
def test_ordinary_words_stay(text: str) -> None:
    assert redacted(text, ["abc"]) == text
