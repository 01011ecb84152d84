"""What people do about themselves and each other, in a real browser: factor, invitation, members, keys."""

import os
import re
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Organization, SecondFactor, User
from tests.browser.test_pages import sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures, for whoever wants to look


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_second_factor_is_set_up_and_asked_for(page: Page, acme: Organization, alice: User) -> None:
    sign_in(page, alice.email)
    page.get_by_role("link", name=re.compile(alice.email)).click()
    shot(page, "account")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator("code").inner_text()
    shot(page, "enrol")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    shot(page, "codes")
    page.get_by_role("link", name="I have kept them").click()
    shot(page, "account-on")
    page.get_by_role("button", name="Sign out", exact=True).click()
    SecondFactor.objects.update(last_step=0)
    sign_in(page, alice.email)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    shot(page, "code")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Ask your data")).to_be_visible()


def test_somebody_is_invited_joins_and_is_promoted(
    page: Page, browser: Browser, acme: Organization, alice: User, bob: User
) -> None:
    sign_in(page, alice.email)
    page.get_by_role("link", name="Members").click()
    page.get_by_label("E-mail").fill("nina@new.example")
    page.get_by_label("Role", exact=True).select_option("analyst")
    page.get_by_role("button", name="Invite").click()
    link = page.locator(".secret code").inner_text()
    shot(page, "invited")
    page.get_by_role("link", name="Back to the members").click()
    shot(page, "members")
    other = browser.new_context(base_url=page.url.rsplit("/", 1)[0]).new_page()
    other.goto(link[link.index("/invitations") :])
    shot(other, "accept")
    other.get_by_label("Your name").fill("Nina")
    other.get_by_label("Choose a password").fill("a-quite-new-password")
    other.get_by_role("button", name="Make an account and join").click()
    expect(other.get_by_text("Welcome to Acme.")).to_be_visible()
    other.context.close()
    page.reload()
    page.get_by_label("Role of nina@new.example", exact=True).select_option("admin")
    page.get_by_role("button", name="Change the role of nina@new.example").click()
    expect(page.get_by_text("nina@new.example: done.")).to_be_visible()
    page.get_by_label("More for nina@new.example").click()
    shot(page, "members-more")
    page.get_by_role("button", name="Deactivate").locator("visible=true").click()
    expect(page.get_by_text("deactivated")).to_be_visible()


def test_a_key_is_made_rotated_and_revoked(page: Page, acme: Organization, alice: User) -> None:
    sign_in(page, alice.email)
    page.get_by_role("link", name="Keys").click()
    page.get_by_label("Name").fill("nightly report")
    page.get_by_label("ask").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("status")).to_contain_text("shown only here")
    shot(page, "keys")
    page.get_by_role("button", name="Rotate nightly report").click()
    expect(page.get_by_role("status")).to_contain_text("The text before it is good until")
    page.get_by_role("button", name="Revoke nightly report").click()
    expect(page.get_by_text("is revoked")).to_be_visible()


def test_the_settings_of_an_organization(page: Page, acme: Organization, alice: User) -> None:
    sign_in(page, alice.email)
    page.get_by_role("link", name="Organization").click()
    shot(page, "settings")
    page.get_by_label("Name").fill("Acme Incorporated")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Acme Incorporated")).to_be_visible()


def test_pages_fit_a_phone(page: Page, acme: Organization, alice: User) -> None:
    page.set_viewport_size({"width": 380, "height": 800})
    sign_in(page, alice.email)
    for path in ("/members", "/api-keys", "/account", "/organization/settings"):
        page.goto(path)
        shot(page, "phone" + path.replace("/", "-"))
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
