"""The pages as a person uses them: sign in, ask, answer what is asked back, read, look through the history."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlglot import parse_one

from apps.accounts.models import Organization, User
from apps.clarification.choosing import Ask, Option
from apps.clarification.previews import Preview
from apps.clarification.readings import Choice, ChoiceField, Reading
from apps.clarification.services import open_clarification
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Status
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def waiting_query(acme: Organization, alice: User, source: DataSource) -> Query:
    """A query that asked which of two counts is meant."""
    tables = ("customers", "orders")
    readings = tuple(
        Reading(
            parse_one(f"SELECT COUNT(*) FROM {table}", dialect="sqlite"),
            0.45,
            choices=(Choice(ChoiceField.ENTITY, "entries", table.title(), f"number of {table}"),),
            explanation=f"number of {table}",
        )
        for table in tables
    )
    options = tuple(Option(table.title(), f"number of {table}", Preview(("count",), (("7",),))) for table in tables)
    asked = Ask(ChoiceField.ENTITY, "entries", "What does “entries” refer to?", "Two fit.", options, readings)
    query = Query.objects.create(
        organization=acme, user=alice, data_source=source,
        question="How many entries?", status=Status.NEEDS_CLARIFICATION,
        clarification=open_clarification(organization=acme, user=alice, ask=asked, dialect="sqlite"),
    )  # fmt: skip
    query.last_run = Run.objects.create(
        organization=acme, query=query, number=1, engine="builtin", status=Status.NEEDS_CLARIFICATION
    )
    query.save()
    return query


def test_a_person_signs_in_asks_and_reads_the_answer(
    page: Page, acme: Organization, alice: User, source: DataSource
) -> None:
    sign_in(page, alice.email)
    ask(page, "How many customers are there?")
    expect(page.locator(".sentence")).to_contain_text(re.compile(r"\d"))
    expect(page.get_by_role("region", name="Result")).to_be_visible()
    page.get_by_text("Steps").click()
    expect(page.locator(".steps li")).to_have_count(10)
    expect(page.locator("figure img")).to_have_js_property("complete", value=True)


def test_a_question_that_was_asked_back_is_answered_in_place(
    page: Page, acme: Organization, alice: User, source: DataSource
) -> None:
    query = waiting_query(acme, alice, source)
    sign_in(page, alice.email)
    page.goto(f"/queries/{query.pk}")
    expect(page.get_by_text("What does “entries” refer to?")).to_be_visible()
    page.get_by_label("Orders").check()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator(".sentence")).to_contain_text("Number of orders")
    expect(page.get_by_text("You chose “Orders” for “entries”")).to_be_visible()


def test_dismissing_goes_on_with_the_default_and_says_so(
    page: Page, acme: Organization, alice: User, source: DataSource
) -> None:
    query = waiting_query(acme, alice, source)
    sign_in(page, alice.email)
    page.goto(f"/queries/{query.pk}")
    page.get_by_role("button", name="Go on without answering").click()
    expect(page.get_by_text("“entries” is taken as “Customers”")).to_be_visible()


def test_words_that_fit_no_option_are_told_and_nothing_is_lost(
    page: Page, acme: Organization, alice: User, source: DataSource
) -> None:
    query = waiting_query(acme, alice, source)
    sign_in(page, alice.email)
    page.goto(f"/queries/{query.pk}")
    page.get_by_label("or in your words").fill("qwertz")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("could match this neither")
    expect(page.get_by_label("Orders")).to_be_visible()


def test_the_history_is_searched(page: Page, acme: Organization, alice: User, source: DataSource) -> None:
    for question in ("Apples sold", "Pears sold"):
        Query.objects.create(organization=acme, user=alice, data_source=source, question=question, status="answered")
    sign_in(page, alice.email)
    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_label("Words").fill("pears")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".queries li")).to_have_count(1)
    expect(page.get_by_role("link", name="Pears sold")).to_be_visible()


def test_a_wrong_password_says_so(page: Page, acme: Organization, alice: User) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(alice.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_api_page_draws_the_routes(page: Page) -> None:
    page.goto("/docs")
    expect(page.get_by_text("/api/v1/queries", exact=True).first).to_be_visible()


ADMIN_PAGES = ("", "accounts/quota/add/", "accounts/auditevent/", "accounts/membership/", "datasources/datasource/")


@pytest.mark.parametrize("address", ADMIN_PAGES)
def test_the_admin_site_works_under_its_policy(page: Page, source: DataSource, address: str) -> None:
    """Whatever the policy forbids is a complaint of the browser, which fails the test."""
    User.objects.create_superuser("admin@parley.example", PASSWORD)
    page.goto("/admin/")
    page.fill("[name=username]", "admin@parley.example")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"/admin/{address}")
    page.wait_for_load_state("networkidle")
    color = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--color-primary-600')")
    assert color.strip(), "the theme's own style element did not apply"
