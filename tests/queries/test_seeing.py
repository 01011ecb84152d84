"""Who sees which query, and what of it, while policies change: history, results, steps, files, clarifications."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.services import add_member
from apps.clarification.models import Clarification
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import access_of
from apps.knowledge.services import load_values
from apps.queries.models import Query, Run, Status
from apps.queries.seeing import WITHHELD
from apps.queries.services import Request, ask_here
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
COUNT = "How many customers are there?"
BY_COUNTRY = "number of customers by country"
NO_CUSTOMERS = {"tables": {"except": ["customers"]}}
NO_EMPLOYEES = {"tables": {"except": ["employees"]}}
GERMANS = {"rules": [{"table": "customers", "filter": "country = 'Germany'"}]}
NO_COUNTRY = {"rules": [{"table": "customers", "columns": {"except": ["country"]}}]}
MASKED_COUNTRY = {"rules": [{"table": "customers", "masks": {"country": {"kind": "null"}}}]}


@pytest.fixture
def dana(acme: Organization) -> User:
    """An analyst beside Alice."""
    user = User.objects.create_user("dana@acme.example", PASSWORD)
    add_member(organization=acme, user=user, role=Role.ANALYST)
    return user


def asked(user: User, source: DataSource, question: str = COUNT) -> Query:
    principal = Principal(Membership.objects.get(user=user, organization=source.organization))
    query = ask_here(principal=principal, request=Request(question, source, {"engine": "builtin"}))
    assert query.status == Status.ANSWERED, query.error_message
    return query


@pytest.fixture
def bind(source: DataSource) -> Callable[..., AccessPolicy]:
    """Puts a role under a policy, in place of the one it had."""

    def now(role: Role, rules: dict[str, Any]) -> AccessPolicy:
        AccessPolicy.objects.filter(role=role).delete()
        made: AccessPolicy = AccessPolicy.objects.create(
            organization=source.organization, data_source=source, role=role, **rules
        )
        return made

    return now


@pytest.mark.parametrize(
    ("rules", "question", "seen"),
    [
        (NO_CUSTOMERS, COUNT, False),
        (NO_EMPLOYEES, COUNT, True),
        (GERMANS, COUNT, False),
        (NO_COUNTRY, COUNT, True),
        (NO_COUNTRY, BY_COUNTRY, False),
        (MASKED_COUNTRY, COUNT, True),
        (MASKED_COUNTRY, BY_COUNTRY, False),
    ],
)
def test_others_queries_are_seen_where_all_that_they_read_is(
    rules: dict[str, Any], question: str, seen: bool, bind: Any, client_of: ClientOf, alice: User, bob: User,
    source: DataSource,
) -> None:  # fmt: skip
    query = asked(alice, source, question)
    bind(Role.VIEWER, rules)
    api, path = client_of(bob), f"/api/v1/queries/{query.pk}"
    listed = [one["id"] for one in api.get("/api/v1/queries").json()["results"]]
    assert (str(query.pk) in listed) is seen
    statuses = [api.get(f"{path}{part}").status_code for part in ("", "/trace", "/events", "/result.csv")]
    assert statuses == [200 if seen else 404] * 4
    if not seen:
        unknown = api.get(f"/api/v1/queries/{source.pk}")  # no query has this id
        missing = api.get(path)
        assert missing.json()["error"]["message"] == unknown.json()["error"]["message"]


def test_a_query_under_the_same_policy_is_seen_with_its_steps(
    bind: Any, client_of: ClientOf, dana: User, bob: User, source: DataSource
) -> None:
    bind(Role.ANALYST, GERMANS)  # the viewer inherits it
    query = asked(dana, source)
    body = client_of(bob).get(f"/api/v1/queries/{query.pk}").json()
    assert body["result"]["rows"] == query.last_run.result.rows
    assert body["data_sources"]


def test_a_query_under_a_narrower_policy_is_seen_by_a_wider_one_without_its_steps(
    bind: Any, client_of: ClientOf, dana: User, bob: User, source: DataSource
) -> None:
    bind(Role.VIEWER, NO_EMPLOYEES)
    bind(Role.ANALYST, {**GERMANS, **NO_EMPLOYEES})
    query = asked(dana, source)
    body = client_of(bob).get(f"/api/v1/queries/{query.pk}").json()
    assert body["result"]["rows"]
    assert body["data_sources"] == []
    assert client_of(bob).get(f"/api/v1/queries/{query.pk}/trace").json()["runs"] == []


def test_a_policy_gives_other_rows_and_its_filter_is_shown_to_nobody(
    bind: Any, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    before = asked(dana, source).last_run.result.rows
    bind(Role.ANALYST, GERMANS)
    after = asked(dana, source)
    assert int(after.last_run.result.rows[0][0]) < int(before[0][0])
    shown = client_of(dana).get(f"/api/v1/queries/{after.pk}").content.decode()
    assert "Germany" not in shown
    assert "Germany" not in client_of(dana).get(f"/api/v1/queries/{after.pk}/trace").content.decode()
    file = client_of(dana).get(f"/api/v1/queries/{after.pk}/result.csv")
    assert str(after.last_run.result.rows[0][0]) in b"".join(file).decode()


def test_what_an_own_query_brought_is_withheld_once_a_policy_is_tighter(
    bind: Any, client_of: ClientOf, client: Client, dana: User, source: DataSource
) -> None:
    query = asked(dana, source, BY_COUNTRY)
    answer, api = query.answer, client_of(dana)
    bind(Role.ANALYST, NO_COUNTRY)
    body = api.get(f"/api/v1/queries/{query.pk}").json()
    assert body["question"] == BY_COUNTRY
    assert body["error"]["code"] == WITHHELD
    empty = ("answer", "sql", "result", "clarification", "confidence")
    assert [body[name] for name in empty] == [None] * len(empty)
    assert [body["charts"], body["data_sources"], body["assumptions"]] == [[], [], []]
    assert api.get(f"/api/v1/queries/{query.pk}/trace").json()["runs"] == []
    assert api.get(f"/api/v1/queries/{query.pk}/result.csv").status_code == 409
    assert answer not in b"".join(api.get(f"/api/v1/queries/{query.pk}/events")).decode()
    [line] = api.get("/api/v1/queries").json()["results"]
    assert line["answer"] is None
    client.force_login(dana)
    for page in (f"/queries/{query.pk}", f"/queries/{query.pk}/live", "/history", "/"):
        shown = client.get(page)
        assert shown.status_code == 200, page
        assert answer not in shown.content.decode()
    AccessPolicy.objects.all().delete()
    assert api.get(f"/api/v1/queries/{query.pk}").json()["answer"] == answer


def test_searching_does_not_find_what_is_withheld(
    bind: Any, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    query = asked(dana, source)
    Query.objects.filter(pk=query.pk).update(answer="the needle in it")
    api = client_of(dana)
    assert api.get("/api/v1/queries?search=needle").json()["results"]
    bind(Role.ANALYST, NO_CUSTOMERS)
    assert api.get("/api/v1/queries?search=needle").json()["results"] == []
    assert api.get("/api/v1/queries?search=customers").json()["results"]


def test_what_is_withheld_stays_as_it_was_in_the_database(
    bind: Any, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    query = asked(dana, source)
    bind(Role.ANALYST, NO_CUSTOMERS)
    client_of(dana).get(f"/api/v1/queries/{query.pk}")
    kept = Query.objects.get(pk=query.pk)
    assert (kept.answer, kept.error_code) == (query.answer, "")


def test_a_hidden_table_is_an_unknown_table(bind: Any, dana: User, source: DataSource) -> None:
    """Byte for byte, from the guard and in the record."""
    from apps.datasources.guard import UnsafeSql, check_sql

    bind(Role.ANALYST, NO_CUSTOMERS)
    access = access_of(Principal(Membership.objects.get(user=dana)), source)
    said = []
    for name in ("customers", "customery"):
        with pytest.raises(UnsafeSql) as caught:
            check_sql(f"SELECT * FROM {name}", dialect="sqlite", access=access)
        said.append((caught.value.message.replace(name, "X"), caught.value.error_code))
    assert said[0] == said[1]


def test_values_of_hidden_masked_and_filtered_columns_are_not_known(bind: Any, dana: User, source: DataSource) -> None:
    principal = Principal(Membership.objects.get(user=dana))

    def known(value: str) -> bool:
        return any(
            match.table == "customers" for match in load_values(source, access_of(principal, source)).find(value)
        )

    assert known("Germany")
    for rules in (NO_CUSTOMERS, NO_COUNTRY, MASKED_COUNTRY, {"rules": [{"table": "customers", "filter": "id > 0"}]}):
        bind(Role.ANALYST, rules)
        assert not known("Germany"), rules


def test_a_policy_that_comes_while_a_question_is_read_holds_for_its_sql(
    bind: Any, dana: User, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.queries.steps import writing

    propose = writing.propose_readings

    def slowly(*args: Any, **kwargs: Any) -> Any:
        readings = propose(*args, **kwargs)
        bind(Role.ANALYST, NO_CUSTOMERS)
        return readings

    monkeypatch.setattr(writing, "propose_readings", slowly)
    principal = Principal(Membership.objects.get(user=dana))
    query = ask_here(principal=principal, request=Request(COUNT, source, {"engine": "builtin"}))
    assert (query.status, query.error_code) == (Status.REFUSED, "unknown_table")


def test_a_policy_that_comes_just_before_the_sql_runs_holds_for_it(
    bind: Any, dana: User, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.queries import finding

    choose = finding.choose

    def slowly(*args: Any, **kwargs: Any) -> Any:
        bind(Role.ANALYST, {"rules": [{"table": "customers", "filter": "1 = 0"}]})
        return choose(*args, **kwargs)

    slowly.step_kind = choose.step_kind  # type: ignore[attr-defined]
    monkeypatch.setattr(finding, "choose", slowly)
    principal = Principal(Membership.objects.get(user=dana))
    query = ask_here(principal=principal, request=Request(COUNT, source, {"engine": "builtin"}))
    assert query.last_run.result.rows == [[0]]


def test_a_member_without_an_attribute_sees_no_rows(bind: Any, dana: User, source: DataSource) -> None:
    bind(Role.ANALYST, {"rules": [{"table": "customers", "filter": "country = :land"}]})
    assert asked(dana, source).last_run.result.rows == [[0]]
    Membership.objects.filter(user=dana).update(attributes={"land": "Germany"})
    assert asked(dana, source).last_run.result.rows[0][0] > 0


def test_clarifications_are_seen_like_their_queries(
    bind: Any, client_of: ClientOf, alice: User, bob: User, source: DataSource
) -> None:
    from django.utils import timezone

    query = asked(alice, source)
    made = Clarification.objects.create(
        organization=source.organization, asked_of=alice, max_turns=3, expires_at=timezone.now()
    )
    Query.objects.filter(pk=query.pk).update(clarification=made)
    api = client_of(bob)
    assert api.get(f"/api/v1/clarifications/{made.pk}").status_code == 200
    bind(Role.VIEWER, NO_CUSTOMERS)
    assert api.get(f"/api/v1/clarifications/{made.pk}").status_code == 404
    assert api.get("/api/v1/clarifications").json()["results"] == []


def test_a_refused_query_of_another_is_seen_only_without_a_policy(
    bind: Any, client_of: ClientOf, alice: User, bob: User, source: DataSource
) -> None:
    """Its steps may name anything that its person could see."""
    query = Query.objects.create(
        organization=source.organization, user=alice, data_source=source, question="q", status=Status.REFUSED
    )
    run = Run.objects.create(organization=source.organization, query=query, number=1, status=Status.REFUSED)
    Query.objects.filter(pk=query.pk).update(last_run=run)
    api = client_of(bob)
    assert api.get(f"/api/v1/queries/{query.pk}").status_code == 200
    bind(Role.VIEWER, NO_EMPLOYEES)
    assert api.get(f"/api/v1/queries/{query.pk}").status_code == 404


def test_a_list_costs_as_many_reads_under_a_policy_however_long_it_is(
    bind: Any, client_of: ClientOf, bob: User, alice: User, source: DataSource
) -> None:
    bind(Role.VIEWER, GERMANS)
    api, costs = client_of(bob), []
    api.get("/api/v1/queries")  # fills the caches of this process
    for more in (2, 18):
        Query.objects.bulk_create(
            Query(organization=source.organization, user=bob, data_source=source, question="q", status=Status.ANSWERED)
            for _ in range(more)
        )
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/api/v1/queries").status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
