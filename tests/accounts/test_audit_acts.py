"""Each kind of act is in the audit log: what the other tests do not look up there is done and looked up here."""

import json
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Invitation, Membership, Organization, User
from apps.accounts.services.second_factor import begin_enrolment, confirm_enrolment
from apps.datasources.models import DataSource
from apps.queries.models import Query
from tests.accounts.conftest import actions, member_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]


@pytest.fixture
def api(client_of: ClientOf, alice: User, acme: Organization) -> APIClient:
    return client_of(alice)


@pytest.fixture
def site(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@parley.example", PASSWORD))
    return client


def last(action: str) -> AuditEvent:
    event: AuditEvent = AuditEvent.objects.filter(action=action).latest("id")
    return event


def test_inviting_sending_again_and_taking_back(api: APIClient, acme: Organization, alice: User) -> None:
    made = api.post("/api/v1/invitations", {"email": "new@acme.example", "role": "viewer"}, format="json").json()
    path = f"/api/v1/invitations/{made['id']}"
    api.post(f"{path}/resend")
    api.delete(path)
    assert actions() == ["member.invited", "invitation.resent", "invitation.revoked"]
    assert {event.actor for event in AuditEvent.objects.all()} == {alice}
    assert Invitation.objects.count() == 1


def test_changing_what_a_members_rows_depend_on(api: APIClient, acme: Organization, bob: User) -> None:
    path = f"/api/v1/members/{member_of(acme, bob).pk}"
    assert api.patch(path, {"attributes": {"land": "Italy"}}, format="json").status_code == 200
    details = json.loads(last("member.attributes_changed").record)["details"]
    assert details == {"before": {}, "after": {"land": "Italy"}}


def test_adding_changing_and_removing_a_data_source(api: APIClient, acme: Organization, source: DataSource) -> None:
    path = f"/api/v1/data-sources/{source.pk}"
    assert api.patch(path, {"label": "Our company"}, format="json").status_code == 200
    assert json.loads(last("data_source.saved").record)["details"]["changed"] == ["label"]
    assert api.delete(path).status_code == 204
    assert last("data_source.deleted").target_id == str(source.pk)


def test_the_second_factor_from_its_beginning_to_its_end(api: APIClient, alice: User) -> None:
    begun = begin_enrolment(alice, password=PASSWORD)
    codes = iter(confirm_enrolment(alice, pyotp.TOTP(begun.secret).now()))
    renewed = api.post("/api/v1/me/second-factor/recovery-codes", {"code": next(codes)}, format="json")
    assert renewed.status_code in (200, 201), renewed.content
    newest = renewed.json()["recovery_codes"][0]
    gone = api.post("/api/v1/me/second-factor/remove", {"code": newest}, format="json")
    assert gone.status_code in (200, 204), gone.content
    assert [one for one in actions() if one.startswith("second_factor.")] == [
        "second_factor.enrolled", "second_factor.recovery_code_used", "second_factor.recovery_codes_renewed",
        "second_factor.recovery_code_used", "second_factor.removed",
    ]  # fmt: skip


def test_signing_out_everywhere(api: APIClient, alice: User) -> None:
    assert api.post("/api/v1/auth/sign-out-everywhere").status_code in (200, 204)
    assert last("sign_in.ended_everywhere").actor == alice


def test_a_mailed_link_for_a_new_password(
    alice: User, acme: Organization, environment: Callable[..., None], django_capture_on_commit_callbacks: Any
) -> None:
    environment(mail_host="mail.example")
    with django_capture_on_commit_callbacks(execute=True):
        APIClient().post("/api/v1/auth/password-reset", {"email": alice.email}, format="json")
    assert last("password.reset_mailed").target_id == str(alice.pk)


def test_what_staff_change_on_the_admin_site(site: Client, acme: Organization, alice: User) -> None:
    form = {"email": "new@acme.example", "password1": "a-password-set-here", "password2": "a-password-set-here"}
    made = site.post(reverse("admin:accounts_user_add"), {**form, "usable_password": "true"})
    assert made.status_code == 302, made.content
    person = User.objects.get(email="new@acme.example")
    site.post(
        reverse("admin:accounts_user_change", args=[person.pk]),
        {"email": person.email, "name": "New", "is_active": "on", "date_joined_0": "2026-01-01",
         "date_joined_1": "00:00:00"},
    )  # fmt: skip
    site.post(reverse("admin:auth_user_password_change", args=[person.pk]), {**form, "usable_password": "true"})
    added = {"user": person.pk, "organization": acme.pk, "role": "viewer", "is_active": "on", "attributes": "{}"}
    site.post(reverse("admin:accounts_membership_add"), added)
    member = Membership.objects.get(user=person)
    site.post(
        reverse("admin:accounts_membership_change", args=[member.pk]),
        {"role": "analyst", "is_active": "on", "attributes": "{}"},
    )
    done = set(actions())
    assert {"user.created", "user.changed", "password.set", "member.added", "member.changed", "admin.changed"} <= done


@pytest.mark.django_db(transaction=True)
def test_a_query_that_is_cancelled(api: APIClient, acme: Organization, alice: User, source: DataSource) -> None:
    query = Query.objects.create(organization=acme, user=alice, data_source=source, question="How many customers?")
    assert api.post(f"/api/v1/queries/{query.pk}/cancel").status_code == 200
    event = last("query.cancelled")
    assert (event.actor, event.target_id, event.outcome) == (alice, str(query.pk), "done")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("action", "spoil", "question"),
    [
        ("query.cannot_answer", None, "Which weather did Neptune have?"),
        ("query.failed", "/nowhere.sqlite", "How many customers are there?"),
    ],
)
def test_a_query_that_brings_no_answer(
    api: APIClient, source: DataSource, alice: User, action: str, spoil: str | None, question: str
) -> None:
    if spoil:
        DataSource.objects.update(database=spoil)
    asked = {"question": question, "data_source": "sample"}
    api.post("/api/v1/queries", asked, format="json", headers={"Prefer": "wait=30"})
    assert (last(action).actor, last(action).outcome) == (alice, "failed")
