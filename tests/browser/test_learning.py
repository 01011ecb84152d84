"""Rules and feedback as a person uses them."""

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Organization, User
from apps.clarification.models import Rule, RuleState
from apps.datasources.models import DataSource
from apps.queries.feedback.models import Feedback
from tests.browser.test_pages import sign_in, waiting_query

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_choice_is_remembered_listed_and_revoked_and_the_answer_is_judged(
    page: Page, acme: Organization, alice: User, source: DataSource
) -> None:
    query = waiting_query(acme, alice, source)
    sign_in(page, alice.email)
    page.goto(f"/queries/{query.pk}")
    expect(page.get_by_label("Remember my choice")).to_be_checked()
    page.get_by_label("Orders").check()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator(".answer .sentence")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("You said no. A reviewer will look at it.")
    page.get_by_text("Say more").click()
    page.get_by_label("In your words").fill("I meant the customers <b>today</b>")
    with page.expect_response("**/feedback"):
        page.get_by_role("button", name="Send").click()
    page.reload()
    page.get_by_text("Say more").click()
    expect(page.get_by_label("In your words")).to_have_value("I meant the customers <b>today</b>")
    assert Feedback.objects.get().text == "I meant the customers <b>today</b>"
    page.get_by_role("link", name="Rules").click()
    row = page.get_by_role("row").filter(has_text="entries")
    expect(row).to_contain_text("Orders")
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("There are no rules yet.")).to_be_visible()
    assert Rule.objects.get().state == RuleState.REVOKED
