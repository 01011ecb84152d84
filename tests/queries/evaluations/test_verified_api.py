"""Verified queries over REST: proposed, approved, changed, retired; by role, and only what one may see."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient
from sqlglot.errors import ParseError

from apps.accounts.models import AuditEvent, Organization, Role, User
from apps.datasources.models import AccessPolicy, DataSource
from apps.knowledge.models import VerifiedQuery
from apps.queries.evaluations.shapes import VerifiedQueryShape
from tests.queries.evaluations.conftest import BY_COUNTRY, COUNT, Verify

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
PATH = "/api/v1/verified-queries"
SALARIES = ("average salary", "SELECT avg(salary) FROM employees")


def propose(client: APIClient, pair: tuple[str, str] = COUNT, **more: Any) -> Any:
    body = {"question": pair[0], "sql": pair[1], "data_source": "sample", **more}
    return client.post(PATH, body, format="json")


def test_a_proposal_is_approved_by_somebody_else_and_both_are_named(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    made = propose(api, difficulty="easy", **{"class": "counts"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert set(body) == set(VerifiedQueryShape().fields)
    assert (body["state"], body["author"], body["reviewer"]) == ("proposed", "alice@acme.example", None)
    assert (body["class"], body["difficulty"]) == ("counts", "easy")
    approved = client_of(dana).post(f"{PATH}/{body['id']}/approve").json()
    assert (approved["state"], approved["reviewer"]) == ("approved", "dana@acme.example")
    assert approved["reviewed_at"]
    assert approved["is_of_current_schema"] is True
    DataSource.objects.update(schema_version="another")
    assert api.get(f"{PATH}/{body['id']}").json()["is_of_current_schema"] is False


def test_each_act_is_audited(api: APIClient) -> None:
    one = f"{PATH}/{propose(api).json()['id']}"
    api.post(f"{one}/approve")
    api.patch(one, {"sql": "SELECT count(id) FROM customers"}, format="json")
    api.post(f"{one}/retire")
    acts = AuditEvent.objects.filter(action__startswith="verified_query.").order_by("number")
    assert [event.action for event in acts] == [
        "verified_query.proposed", "verified_query.approved", "verified_query.changed", "verified_query.retired",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sql", ["DELETE FROM customers", "SELECT * FROM nowhere", "SELECT 1; SELECT 2", "SELECT load_extension('x')", "x"]
)
def test_sql_that_the_guard_refuses_is_not_even_proposed(api: APIClient, sql: str) -> None:
    answer = propose(api, ("q", sql))
    assert answer.status_code in (400, 403, 422), answer.content
    assert not VerifiedQuery.objects.exists()


def test_another_sql_has_to_be_approved_anew_and_a_label_has_not(api: APIClient, verify: Verify) -> None:
    [verified] = verify(COUNT)
    one = f"{PATH}/{verified.pk}"
    assert api.patch(one, {"difficulty": "easy"}, format="json").json()["state"] == "approved"
    changed = api.patch(one, {"sql": "SELECT count(id) FROM customers"}, format="json").json()
    assert (changed["state"], changed["reviewer"], changed["reviewed_at"]) == ("proposed", None, None)
    assert api.patch(one, {"sql": "DROP TABLE customers"}, format="json").status_code in (400, 403, 422)
    assert api.get(one).json()["sql"] == "SELECT count(id) FROM customers"


def test_a_question_has_one_approved_answer(api: APIClient, verify: Verify) -> None:
    verify(COUNT)
    second = propose(api, ("  how many CUSTOMERS are there", "SELECT count(id) FROM customers")).json()
    answer = api.post(f"{PATH}/{second['id']}/approve")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_one")
    api.post(f"{PATH}/{VerifiedQuery.objects.approved().get().pk}/retire")
    assert api.post(f"{PATH}/{second['id']}/approve").status_code == 200


def test_only_what_is_proposed_is_approved_and_a_retired_one_is_proposed_again(api: APIClient, verify: Verify) -> None:
    [verified] = verify(COUNT)
    one = f"{PATH}/{verified.pk}"
    assert api.post(f"{one}/approve").json()["error"]["code"] == "not_proposed"
    assert api.post(f"{one}/retire").json()["state"] == "retired"
    assert api.post(f"{one}/retire").json()["error"]["code"] == "not_in_use"
    assert api.post(f"{one}/approve").status_code == 409
    assert api.patch(one, {}, format="json").json()["state"] == "proposed"


def test_the_list_is_filtered(api: APIClient, verify: Verify) -> None:
    verify(COUNT)
    verify(BY_COUNTRY, approved=False)
    questions = lambda **wanted: [one["question"] for one in api.get(PATH, wanted).json()["results"]]  # noqa: E731
    assert questions() == [BY_COUNTRY[0], COUNT[0]]
    assert questions(state="approved") == [COUNT[0]]
    assert questions(search="COUNTRY", data_source="sample") == [BY_COUNTRY[0]]
    assert api.get(PATH, {"state": "golden"}).status_code == 400
    assert api.get(PATH, {"colour": "red"}).status_code == 400


def test_bob_may_look_and_charlie_sees_nothing(
    client_of: ClientOf, bob: User, charlie: User, globex: Organization, verify: Verify
) -> None:
    [verified] = verify(COUNT)
    viewer, stranger = client_of(bob), client_of(charlie)
    assert viewer.get(f"{PATH}/{verified.pk}").status_code == 200
    assert propose(viewer).status_code == 403
    assert viewer.post(f"{PATH}/{verified.pk}/retire").status_code == 403
    assert stranger.get(PATH).json()["results"] == []
    assert stranger.get(f"{PATH}/{verified.pk}").status_code == 404


def test_who_may_not_see_a_column_does_not_see_verified_queries_that_read_it(
    client_of: ClientOf, dana: User, bob: User, source: DataSource, verify: Verify
) -> None:
    salaries, count = verify(SALARIES, COUNT)
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST, tables={"except": ["employees"]}
    )
    for client in (client_of(dana), client_of(bob)):  # Bob's role takes the policy of the role above it
        assert [one["id"] for one in client.get(PATH).json()["results"]] == [str(count.pk)]
        assert client.get(f"{PATH}/{salaries.pk}").status_code == 404
    analyst = client_of(dana)
    assert analyst.post(f"{PATH}/{salaries.pk}/retire").status_code == 404
    assert propose(analyst, SALARIES).status_code in (400, 403, 422)


def test_a_row_filter_hides_only_verified_queries_that_name_values(
    client_of: ClientOf, bob: User, source: DataSource, verify: Verify
) -> None:
    count, _ = verify(COUNT, ("customers of Contoso", "SELECT count(*) FROM customers WHERE name = 'Contoso'"))
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.VIEWER,
        rules=[{"table": "customers", "filter": "country = 'Germany'"}],
    )  # fmt: skip
    assert [one["id"] for one in client_of(bob).get(PATH).json()["results"]] == [str(count.pk)]


def test_an_over_long_question_and_wrong_types_are_named(api: APIClient) -> None:
    assert "question" in propose(api, ("x" * 10_001, "SELECT 1")).json()["error"]["details"]
    assert "sql" in propose(api, ("q", 1)).json()["error"]["details"]  # type: ignore[arg-type]
    assert "sql" in propose(api, ("q", "SELECT 1 -- " + "x" * 20_000)).json()["error"]["details"]


def test_sql_that_only_the_sources_own_parser_reads_counts_as_naming_values(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*args: Any) -> None:
        raise ParseError("not for me")

    monkeypatch.setattr("apps.knowledge.verified_queries.parse_one", unreadable)
    assert propose(api).status_code == 201
    assert VerifiedQuery.objects.get().names_values is True
