"""A question that somebody verified is answered from what they stood for: in its own words, or with other constants."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, Role, User
from apps.accounts.principal import Principal
from apps.clarification.models import Rule
from apps.datasources.models import AccessPolicy, DataSource
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import retire_verified_query
from apps.queries.models import Run
from apps.queries.steps import writing
from tests.queries.verified.conftest import SALARIES, SHIPPED, Verify, ask

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def proposed(*args: Any, **more: Any) -> None:
        raise AssertionError("an engine was asked")

    monkeypatch.setattr(writing, "propose_readings", proposed)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("question", [SHIPPED[0], "  how many ORDERS were shipped to Germany in 2024"])
def test_the_same_words_are_answered_from_it_without_any_engine(api: APIClient, verify: Verify, question: str) -> None:
    verified = verify()
    found = ask(api, question)
    assert (found["status"], found["verified"], found["engine"]) == ("answered", True, "verified")
    assert found["verified_query"] == str(verified.pk)
    assert found["verified_by"] == "alice@acme.example"
    assert verified.reviewed_at is not None
    assert found["verified_at"] == verified.reviewed_at.isoformat()
    assert found["result"]["rows"] == [[1]]
    assert found["confidence"] == 1.0
    [said] = found["assumptions"]
    assert said.startswith("This was verified by alice@acme.example on ")
    assert any("no engine was asked" in str(step.get("notes")) for step in found["data_sources"])
    summary = api.get(f"/api/v1/queries/{found['id']}").json()
    assert (summary["verified"], summary["verified_by"]) == (True, "alice@acme.example")


@pytest.mark.usefixtures("no_engine")
def test_other_constants_are_put_in_their_place_and_named(api: APIClient, verify: Verify) -> None:
    verify()
    found = ask(api, "How many orders were shipped to france in 2025?")
    assert (found["verified"], found["result"]["rows"], found["confidence"]) == (True, [[2]], 0.97)
    assert found["assumptions"][0].endswith(
        ", here with “France” in place of “Germany” and “2025” in place of “2024”."
    )  # fmt: skip


def test_what_is_not_verified_goes_to_the_engine(api: APIClient, verify: Verify) -> None:
    verify(approved=False)
    for question in (SHIPPED[0], "How many orders were shipped to Atlantis in 2025?", "How many orders are there?"):
        found = ask(api, question)
        assert (found["verified"], found["verified_by"], found["verified_query"]) == (False, None, None)
        assert found["engine"] == "builtin"


def test_a_retired_one_is_not_reused(api: APIClient, verify: Verify, as_alice: Principal) -> None:
    retire_verified_query(verify(), principal=as_alice)
    assert ask(api, SHIPPED[0])["verified"] is False


@pytest.mark.usefixtures("no_engine")
def test_small_talk_that_is_verified_is_a_question(api: APIClient, verify: Verify) -> None:
    verify(("How are we doing?", "SELECT sum(amount) FROM orders"))
    assert ask(api, "How are we doing?")["result"]["rows"] == [[455]]


def test_it_is_answered_within_the_policy_of_who_asks(
    api: APIClient, client_of: ClientOf, dana: User, source: DataSource, verify: Verify
) -> None:
    verify(("How many orders are there?", "SELECT count(*) + 0.5 FROM orders"))
    verify(SALARIES)
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST, tables={"except": ["staff"]},
        rules=[{"table": "orders", "filter": "country = 'France'"}],
    )  # fmt: skip
    analyst = client_of(dana)
    mine = ask(analyst, "How many orders are there?")
    assert (mine["verified"], mine["result"]["rows"]) == (True, [[2.5]])
    hidden = ask(analyst, SALARIES[0])
    assert (hidden["verified"], hidden["result"]) == (False, None)
    assert "staff" not in str({**hidden, "question": ""})
    assert ask(api, SALARIES[0])["result"]["rows"] == [[9000]]


def test_a_value_that_a_row_filter_hides_is_not_put_in(
    client_of: ClientOf, dana: User, source: DataSource, verify: Verify
) -> None:
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST,
        rules=[{"table": "orders", "filter": "country = 'France'"}],
    )  # fmt: skip
    verify()
    assert ask(client_of(dana), "How many orders were shipped to Spain in 2025?")["verified"] is False


def test_nothing_crosses_to_an_organization_of_the_same_names(
    client_of: ClientOf, charlie: User, globex_source: DataSource, verify: Verify
) -> None:
    verify()
    other = client_of(charlie)
    assert ask(other, SHIPPED[0])["verified"] is False
    assert ask(other, "How many orders were shipped to France in 2025?")["verified"] is False


def test_a_follow_up_means_what_came_before_and_not_a_verified_question(api: APIClient, verify: Verify) -> None:
    verify(("and in 2025?", "SELECT sum(salary) FROM staff"))
    first = ask(api, "How many orders are there?")
    assert ask(api, "and in 2025?", conversation=first["conversation"])["verified"] is False


def test_a_rule_does_not_matter_to_it(api: APIClient, verify: Verify, source: DataSource, alice: User) -> None:
    verify()
    Rule.objects.create(
        organization=source.organization, data_source=source, person=alice, author=alice, field="metric",
        phrase="orders", label="Something else", reads={},
    )  # fmt: skip
    found = ask(api, SHIPPED[0])
    assert (found["verified"], found["rules_applied"]) == (True, [])


def test_what_a_query_was_verified_by_is_recorded_with_its_run(api: APIClient, verify: Verify) -> None:
    verified = verify()
    ask(api, SHIPPED[0])
    run: Any = Run.objects.get()
    assert (run.verified_query, run.verified_by) == (verified, "alice@acme.example")


def test_sql_that_only_the_sources_own_parser_reads_is_left_to_the_engine(
    api: APIClient, verify: Verify, shop: Path, acme: Organization
) -> None:
    verified = verify()
    VerifiedQuery.objects.filter(pk=verified.pk).update(sql="SELECT count(*) FROM orders WHERE (")
    assert ask(api, SHIPPED[0])["verified"] is False
