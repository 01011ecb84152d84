"""Quotas: never one too many, charged once, told at 80 and 100 %."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import (
    AuditEvent,
    Measure,
    Membership,
    Organization,
    Period,
    Quota,
    QuotaAlert,
    Subject,
    UsageCounter,
    User,
)
from apps.accounts.principal import Principal
from apps.accounts.quotas import (
    Payer,
    QuotaExceeded,
    charge,
    charge_afterwards,
    give_back,
    period_start,
    require_room,
    seconds_left,
)
from apps.accounts.services import create_api_key
from apps.accounts.tasks import mail_quota_alert
from apps.datasources.models import DataSource
from apps.queries.export_quota import ExportAccount
from apps.queries.models import Query
from apps.queries.services import Request, ask

ClientOf = Callable[[User], APIClient]


def limit(organization: Organization, subject: Subject, amount: int, **whom: Any) -> Quota:
    return Quota.objects.create(
        organization=organization, subject=subject, limit=amount, measure=Measure.QUESTIONS, period=Period.DAY, **whom
    )


def used(organization: Organization, subject: Subject = Subject.ORGANIZATION, period: Period = Period.DAY) -> Decimal:
    return UsageCounter.objects.get(organization=organization, subject=subject, period=period).amount


@pytest.fixture
def payer(acme: Organization, alice: User) -> Payer:
    return Payer(acme, alice)


def test_a_charge_moves_day_and_month_of_organization_and_member(payer: Payer):
    charge(payer, Measure.QUESTIONS, 1, reference="q")
    found = UsageCounter.objects.values_list("subject", "period", "amount")
    assert sorted(found) == [
        ("member", "day", 1), ("member", "month", 1), ("organization", "day", 1), ("organization", "month", 1),
    ]  # fmt: skip


def test_the_same_reference_is_charged_once(payer: Payer):
    assert charge(payer, Measure.QUESTIONS, 1, reference="q") is True
    assert charge(payer, Measure.QUESTIONS, 1, reference="q") is False
    assert used(payer.organization) == 1


def test_what_goes_beyond_is_refused_whole_and_charges_nothing(payer: Payer):
    limit(payer.organization, Subject.ORGANIZATION, 5)
    charge(payer, Measure.QUESTIONS, 4, reference="a")
    with pytest.raises(QuotaExceeded) as refused:
        charge(payer, Measure.QUESTIONS, 2, reference="b")
    assert refused.value.details == {"measure": "questions", "period": "day", "subject": "organization", "limit": "5"}
    assert 0 < refused.value.retry_after_seconds <= 86_400
    assert used(payer.organization) == 4
    assert charge(payer, Measure.QUESTIONS, 1, reference="b")


@pytest.mark.parametrize(
    ("quotas", "most"),
    [
        ([(Subject.EACH_MEMBER, 2, False)], 2),
        ([(Subject.EACH_MEMBER, 2, False), (Subject.MEMBER, 4, True)], 4),
        ([(Subject.ORGANIZATION, 3, False), (Subject.MEMBER, 4, True)], 3),
    ],
)
def test_ones_own_quota_goes_before_each_ones_and_the_organizations_holds_beside(
    payer: Payer, quotas: list[tuple[Subject, int, bool]], most: int
):
    for subject, amount, names_alice in quotas:
        limit(payer.organization, subject, amount, **({"user": payer.user} if names_alice else {}))
    for number in range(most):
        charge(payer, Measure.QUESTIONS, 1, reference=str(number))
    with pytest.raises(QuotaExceeded):
        charge(payer, Measure.QUESTIONS, 1, reference="one more")


def test_one_members_use_leaves_anothers_quota_alone(payer: Payer, bob: User):
    limit(payer.organization, Subject.EACH_MEMBER, 1)
    charge(payer, Measure.QUESTIONS, 1, reference="alice")
    assert charge(Payer(payer.organization, bob), Measure.QUESTIONS, 1, reference="bob")


def test_a_key_has_a_quota_of_its_own(payer: Payer, as_alice: Principal):
    key, _ = create_api_key(membership=as_alice.membership, name="key")
    limit(payer.organization, Subject.KEY, 1, api_key=key)
    with_key = Payer(payer.organization, payer.user, key)
    charge(with_key, Measure.QUESTIONS, 1, reference="1")
    with pytest.raises(QuotaExceeded):
        charge(with_key, Measure.QUESTIONS, 1, reference="2")
    assert charge(payer, Measure.QUESTIONS, 1, reference="3")


def test_the_installations_limit_holds_where_the_organization_has_none(payer: Payer, settings: Any):
    settings.PARLEY = settings.PARLEY.model_copy(update={"quota_questions_per_day": 1})
    charge(payer, Measure.QUESTIONS, 1, reference="1")
    with pytest.raises(QuotaExceeded):
        charge(payer, Measure.QUESTIONS, 1, reference="2")
    limit(payer.organization, Subject.ORGANIZATION, 3)
    assert charge(payer, Measure.QUESTIONS, 1, reference="2")


def test_what_was_used_already_counts_beyond_the_quota_and_stops_the_next(payer: Payer):
    Quota.objects.create(
        organization=payer.organization, subject=Subject.ORGANIZATION, limit=100,
        measure=Measure.TOKENS, period=Period.MONTH,
    )  # fmt: skip
    require_room(payer, [Measure.TOKENS])
    charge_afterwards(payer, Measure.TOKENS, 150, reference="step")
    with pytest.raises(QuotaExceeded):
        require_room(payer, [Measure.TOKENS])


def test_what_was_reserved_and_not_used_comes_back(payer: Payer):
    charge(payer, Measure.QUESTIONS, 10, reference="a")
    give_back(payer, Measure.QUESTIONS, 7, reference="a:unused")
    give_back(payer, Measure.QUESTIONS, 7, reference="a:unused")
    assert used(payer.organization) == 3


def test_what_is_given_back_after_midnight_makes_no_room_on_the_next_day(payer: Payer, monkeypatch: pytest.MonkeyPatch):
    account = ExportAccount(payer, expected=1_000)
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: tomorrow)
    account.settle()
    days = UsageCounter.objects.filter(subject=Subject.ORGANIZATION, period=Period.DAY)
    assert dict(days.values_list("starts_on", "amount")) == {tomorrow - timedelta(days=1): Decimal(0)}


def test_alerts_come_at_80_and_100_percent_once_a_period(payer: Payer):
    limit(payer.organization, Subject.ORGANIZATION, 10)
    told = []
    for number in range(10):
        charge(payer, Measure.QUESTIONS, 1, reference=str(number))
        told.append(QuotaAlert.objects.count())
    assert told == [0, 0, 0, 0, 0, 0, 0, 1, 1, 2]
    give_back(payer, Measure.QUESTIONS, 5, reference="back")
    for number in range(5):
        charge(payer, Measure.QUESTIONS, 1, reference=f"again {number}")
    assert list(QuotaAlert.objects.order_by("id").values_list("percent", flat=True)) == [80, 100]
    assert AuditEvent.objects.filter(action="quota.reached").count() == 2


@pytest.mark.django_db(transaction=True)
def test_owners_and_administrators_are_mailed_once(payer: Payer, mailoutbox: list[Any], settings: Any):
    settings.PARLEY = settings.PARLEY.model_copy(update={"mail_host": "mail.example"})
    limit(payer.organization, Subject.ORGANIZATION, 10)
    charge(payer, Measure.QUESTIONS, 8, reference="a")
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["alice@acme.example"], "80 % of a quota of Acme is used")
    assert "10 questions a day for organization" in mail.body
    mail_quota_alert(str(payer.organization.pk), str(QuotaAlert.objects.get().pk))
    assert len(mailoutbox) == 1


def test_a_period_ends_at_midnight_of_the_installations_time_zone():
    assert period_start(Period.MONTH).day == 1
    assert 0 < seconds_left(Period.DAY) <= timedelta(days=1).total_seconds()
    assert seconds_left(Period.DAY) <= seconds_left(Period.MONTH) <= timedelta(days=31).total_seconds()


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """What each of `count` threads got, started together, each with a connection of its own."""
    gate = threading.Barrier(count)
    outcomes: list[object] = []

    def work(number: int) -> None:
        gate.wait(timeout=30)
        try:
            outcomes.append(act(number))
        except Exception as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(work, number)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_100_calls_at_once_with_10_left_exactly_10_are_accepted(
    acme: Organization, source: DataSource, as_alice: Principal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("apps.queries.services.ring", lambda query: None)
    limit(acme, Subject.ORGANIZATION, 12)
    charge(Payer(acme, as_alice.user), Measure.QUESTIONS, 2, reference="earlier")
    outcomes = at_once(100, lambda number: ask(
        principal=as_alice, request=Request(f"Question {number}?", source, {}), surface="api"
    ))  # fmt: skip
    assert sum(isinstance(one, Query) for one in outcomes) == 10
    assert outcomes.count(QuotaExceeded) == 90
    assert (Query.objects.count(), used(acme)) == (10, 12)


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_many_times_at_once_is_charged_once(
    acme: Organization, source: DataSource, as_alice: Principal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("apps.queries.services.ring", lambda query: None)
    request = Request("How many?", source, {}, idempotency_key="the-same")
    outcomes = at_once(50, lambda _: ask(principal=as_alice, request=request, surface="api"))
    assert len({one.pk for one in outcomes if isinstance(one, Query)}) == 1, outcomes
    assert used(acme) == 1


@pytest.mark.django_db(transaction=True)
def test_charges_of_two_members_at_once_do_not_block_each_other_for_ever(acme: Organization, alice: User, bob: User):
    payers = [Payer(acme, alice), Payer(acme, bob)]

    def act(number: int) -> bool:
        with transaction.atomic():
            return charge(payers[number % 2], Measure.QUESTIONS, 1, reference=str(number))

    assert at_once(20, act) == [True] * 20
    assert used(acme) == 20


@pytest.mark.django_db(transaction=True)
def test_a_question_beyond_the_quota_is_a_429_that_says_when_it_begins_anew(
    client_of: ClientOf, acme: Organization, source: DataSource, alice: User
):
    limit(acme, Subject.EACH_MEMBER, 1)
    asked = {"question": "How many customers are there?", "data_source": "sample"}
    assert client_of(alice).post("/api/v1/queries", asked, format="json").status_code == 200
    refused = client_of(alice).post("/api/v1/queries", asked, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    assert int(refused["Retry-After"]) > 0
    standing = client_of(alice).get("/api/v1/quotas").json()["standing"]
    assert [(one["subject"], one["limit"], one["used"], one["remaining"]) for one in standing] == [
        ("member", "1", "1", "0")
    ]


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_download_are_charged_before_they_leave(
    client_of: ClientOf, acme: Organization, source: DataSource, alice: User
):
    api = client_of(alice)
    asked = {"question": "List the names of all categories", "data_source": "sample"}
    query: Any = api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=30"}).json()
    count = query["result"]["row_count"]
    assert count > 1
    quota = Quota.objects.create(
        organization=acme, subject=Subject.EACH_MEMBER, limit=count, measure=Measure.ROWS_EXPORTED, period=Period.DAY
    )
    address = f"/api/v1/queries/{query['id']}/result.csv"
    response: Any = api.get(address)
    lines = b"".join(response.streaming_content).splitlines()
    response.close()
    assert len(lines) == count + 1
    assert api.get(address).status_code == 429
    quota.limit = 2 * count
    quota.save()
    api.head(address).close()  # nothing left, nothing stays charged
    assert UsageCounter.objects.get(measure="rows_exported", subject="member", period="day").amount == count


def test_administrators_set_quotas_for_members_and_keys(
    client_of: ClientOf, acme: Organization, alice: User, bob: User
):
    api = client_of(alice)
    wanted = {"subject": "member", "member": "bob@acme.example", "measure": "questions", "period": "day", "limit": 3}
    made = api.post("/api/v1/quotas", wanted, format="json")
    assert (made.status_code, made.json()["limit"], made.json()["member"]) == (201, "3", "bob@acme.example")
    assert api.post("/api/v1/quotas", wanted, format="json").status_code == 409
    address = f"/api/v1/quotas/{made.json()['id']}"
    assert api.patch(address, {"limit": "7.5"}, format="json").json()["limit"] == "7.5"
    assert client_of(bob).patch(address, {"limit": 100}, format="json").status_code == 403
    assert api.delete(address).status_code == 204
    assert [event.action for event in AuditEvent.objects.order_by("number")] == [
        "quota.created", "quota.changed", "quota.deleted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "organization"}, "subject"),
        ({"subject": "each_member"}, "member"),
        ({"member": "charlie@globex.example"}, "member"),
        ({"member": None}, "member"),
        ({"limit": -1}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"measure": "wishes"}, "measure"),
        ({"period": "year"}, "period"),
        ({"organization": "globex"}, "organization"),
    ],
)
def test_a_quota_that_is_not_right_names_its_field(
    client_of: ClientOf, acme: Organization, globex: Organization, alice: User, change: dict[str, Any], field: str
):
    wanted = {"subject": "member", "member": "bob@acme.example", "measure": "questions", "period": "day", "limit": 3}
    refused = client_of(alice).post("/api/v1/quotas", {**wanted, **change}, format="json")
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, [field])


def test_the_organizations_own_quota_is_not_its_administrators_to_change(
    client_of: ClientOf, acme: Organization, alice: User
):
    quota = limit(acme, Subject.ORGANIZATION, 1)
    address = f"/api/v1/quotas/{quota.pk}"
    assert client_of(alice).patch(address, {"limit": 100}, format="json").status_code == 404
    assert client_of(alice).delete(address).status_code == 404


def test_usage_shows_ones_own_and_to_administrators_everybodys(
    client_of: ClientOf, acme: Organization, alice: User, bob: User
):
    charge(Payer(acme, alice), Measure.QUESTIONS, 2, reference="a")
    charge(Payer(acme, bob), Measure.QUESTIONS, 1, reference="b")

    def seen(user: User) -> set[tuple[str, str, str]]:
        body: Any = client_of(user).get("/api/v1/usage", {"period": "day"}).json()
        return {(row["subject"], row["name"], row["amount"]) for row in body["results"]}

    assert seen(bob) == {("member", "bob@acme.example", "1")}
    assert seen(alice) == {
        ("organization", "Acme", "3"), ("member", "alice@acme.example", "2"), ("member", "bob@acme.example", "1"),
    }  # fmt: skip
    assert Membership.objects.filter(organization=acme).count() == 2
