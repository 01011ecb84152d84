"""An organization's own words: who keeps them, who sees what they mean, and that questions understand them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.datasources.services import access_of
from apps.knowledge.catalog import catalog_of
from apps.knowledge.glossary import Term, ValuesWithTerms
from apps.knowledge.linking import link
from apps.knowledge.terms import terms_for
from apps.knowledge.tokens import tokenize
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from apps.queries.models import Query
from apps.queries.steps.understanding import understand

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
TODAY = dt.date(2026, 1, 15)
URL = "/api/v1/glossary"
SHOP = Schema(
    "postgres",
    (
        Table("customers", (Column("id", ColumnType.INTEGER), Column("tier", ColumnType.TEXT))),
        Table("orders", (Column("id", ColumnType.INTEGER), Column("net_amount", ColumnType.DECIMAL))),
    ),
)


def made(client: APIClient, source: DataSource, **more: Any) -> Any:
    body = {"term": "whale", "synonyms": ["big fish"], "data_source": str(source.pk), "table": "customers", **more}
    return client.post(URL, body, format="json")


def test_alice_keeps_a_term_and_each_act_is_audited(
    client_of: ClientOf, alice: User, acme: Organization, source: DataSource
) -> None:
    api = client_of(alice)
    term = made(api, source)
    assert term.status_code == 201, term.content
    assert term.json()["meaning"] == {"table": "customers", "column": None, "value": None}
    place = f"{URL}/{term.json()['id']}"
    assert api.patch(place, {"definition": "Buys a lot"}, format="json").json()["definition"] == "Buys a lot"
    assert [one["term"] for one in api.get(URL).json()["results"]] == ["whale"]
    assert api.delete(place).status_code == 204
    assert api.get(place).status_code == 404
    acts = AuditEvent.objects.filter(organization=acme, action__startswith="glossary.")
    assert {one.action for one in acts} == {"glossary.created", "glossary.changed", "glossary.deleted"}


def test_bob_reads_terms_but_keeps_none(client_of: ClientOf, alice: User, bob: User, source: DataSource) -> None:
    place = f"{URL}/{made(client_of(alice), source).json()['id']}"
    api = client_of(bob)
    assert api.get(place).json()["term"] == "whale"
    assert made(api, source, term="other").status_code == 403
    assert api.patch(place, {"term": "other"}, format="json").status_code == 403
    assert api.delete(place).status_code == 403


def test_charlie_cannot_see_acmes_terms(
    client_of: ClientOf, alice: User, globex: Organization, charlie: User, source: DataSource
) -> None:
    place = f"{URL}/{made(client_of(alice), source).json()['id']}"
    api = client_of(charlie)
    assert api.get(place).status_code == 404
    assert api.patch(place, {"term": "x"}, format="json").status_code == 404
    assert api.delete(place).status_code == 404
    assert api.get(URL).json()["results"] == []
    assert made(api, source).status_code == 404


def test_what_a_term_means_is_hidden_with_its_table(
    client_of: ClientOf, alice: User, bob: User, source: DataSource
) -> None:
    made(client_of(alice), source)
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.VIEWER, tables={"except": ["customers"]}
    )
    assert client_of(bob).get(URL).json()["results"][0]["meaning"] is None
    bobs = Principal(Membership.objects.select_related("user", "organization").get(user=bob))
    assert terms_for(source, access_of(bobs, source)) == ()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"column": "tier", "table": ""}, "table"),
        ({"value": "gold"}, "table"),
        ({"data_source": None}, "data_source"),
        ({"term": ""}, "term"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_incomplete_terms_are_refused_by_field(
    client_of: ClientOf, alice: User, source: DataSource, body: dict[str, Any], field: str
) -> None:
    answer = made(client_of(alice), source, **body)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["details"]


def test_a_term_is_kept_once_for_a_source(client_of: ClientOf, alice: User, source: DataSource) -> None:
    assert made(client_of(alice), source).status_code == 201
    assert made(client_of(alice), source).json()["error"]["details"] == {"term": ["Already taken."]}


def test_a_question_in_the_organizations_words_is_understood() -> None:
    def first_sql(*terms: Term) -> str:
        context = Context("How many whales are there?", SHOP, MemoryValueIndex([]), TODAY, glossary=terms)
        return next((reading.tree.sql() for reading in propose_readings(context)), "")

    assert "customers" not in first_sql()
    assert "customers" in first_sql(Term(("whale",), "customers"))


def test_what_is_understood_of_a_query_holds_the_glossary(client_of: ClientOf, alice: User, source: DataSource) -> None:
    made(client_of(alice), source)
    principal = Principal(Membership.objects.select_related("user", "organization").get(user=alice))
    query = Query.objects.create(
        organization=source.organization, user=alice, data_source=source, question="How many whales?"
    )
    assert understand.__wrapped__(query).reading_context.glossary == terms_for(source, access_of(principal, source))


def test_a_term_links_to_its_column_and_a_definition_only_weakly() -> None:
    terms = (
        Term(("turnover figure", "tf"), "orders", "net_amount"),
        Term(("loyalty",), definition="The tier of a customer"),
    )
    found = link(tokenize("Show the turnover figure by loyalty"), catalog_of(SHOP), glossary=terms)
    best = {(one.table, one.column): one.quality for one in sorted(found, key=lambda one: one.quality)}
    assert best[("orders", "net_amount")] > 0.9
    assert 0.28 <= best[("customers", "tier")] < 0.7
    assert not link(tokenize("Show the tfs"), catalog_of(SHOP))


def test_a_term_that_means_a_value_is_found_among_the_values() -> None:
    values = ValuesWithTerms(
        MemoryValueIndex([("customers", "tier", "gold")]), (Term(("VIP", "top client"), "customers", "tier", "gold"),)
    )
    assert [match.value for match in values.find("vip", exact=True)] == ["gold"]
    assert values.find("Top Clients", exact=True) == []
    assert [match.value for match in values.find("gold")] == ["gold"]
