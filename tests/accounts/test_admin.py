"""The admin site: every model of ours is there, its pages open, and keys are shown once."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from apps.accounts.key_format import hash_key
from apps.accounts.models import ApiKey, AuditEvent, Membership, Organization, User
from apps.accounts.services import create_api_key
from apps.accounts.services.api_keys import find_key
from apps.clarification.models import Clarification
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Step

pytestmark = pytest.mark.django_db
OURS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]


@pytest.fixture
def site(db: None) -> Client:
    User.objects.create_superuser("admin@parley.example", "x")
    client = Client()
    client.force_login(User.objects.get(email="admin@parley.example"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_is_registered_and_its_list_opens(site: Client, model: Any, source: DataSource) -> None:
    assert admin.site.is_registered(model)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert site.get(reverse(f"{name}_changelist")).status_code == 200
    added = site.get(reverse(f"{name}_add")).status_code
    assert added == (200 if model.__name__ in EDITABLE else 403)


EDITABLE = {"User", "Organization", "Membership", "ApiKey", "DataSource", "Quota", "ModelProvider", "RegisteredModel"}


def test_a_list_costs_the_same_reads_for_two_queries_and_for_twenty(site: Client, reads_of_a_longer_list: Any) -> None:
    few, many = reads_of_a_longer_list(lambda: site.get(reverse("admin:queries_query_changelist")))
    assert few == many


def test_a_query_shows_its_runs_and_nobody_edits_history(
    site: Client, acme: Organization, alice: User, source: DataSource
) -> None:
    query = Query.objects.create(organization=acme, user=alice, data_source=source, question="q", status="answered")
    run = Run.objects.create(organization=acme, query=query, number=1, status="answered")
    Step.objects.create(
        organization=acme, run=run, number=1, agent="planner", type="planning", action="Planned.", status="ok",
        duration_ms=1,
    )  # fmt: skip
    assert "q" in site.get(reverse("admin:queries_query_change", args=[query.pk])).content.decode()
    assert "Planned." in site.get(reverse("admin:queries_run_change", args=[run.pk])).content.decode()
    assert site.post(reverse("admin:queries_query_change", args=[query.pk]), {"question": "other"}).status_code == 403


def test_a_key_made_here_is_shown_once(site: Client, acme: Organization, alice: User) -> None:
    form = {"organization": acme.pk, "user": alice.pk, "name": "script", "scopes": ["ask", "read"]}
    response = site.post(reverse("admin:accounts_apikey_add"), form)
    assert response.status_code == 302
    [message] = [str(one) for one in get_messages(response.wsgi_request) if "only now" in str(one)]
    key = ApiKey.objects.get()
    secret = next(word for word in message.split() if word.startswith("pk_"))
    assert key.key_hash == hash_key(secret)
    pages = [site.get(reverse("admin:accounts_apikey_changelist")).content.decode() for _ in range(2)]
    assert [secret in page for page in pages] == [True, False]


def test_a_key_for_somebody_elsewhere_is_refused(site: Client, acme: Organization, charlie: User) -> None:
    form = {"organization": acme.pk, "user": charlie.pk, "name": "script", "scopes": ["read"]}
    assert "no active member" in site.post(reverse("admin:accounts_apikey_add"), form).content.decode()
    assert not ApiKey.objects.exists()


def test_a_source_keeps_its_password_and_stays_off_sockets(site: Client, acme: Organization) -> None:
    form = {
        "organization": acme.pk, "name": "crm", "kind": "postgres", "host": "db.example", "port": 5432,
        "database": "crm", "username": "reader", "password": "s3cret", "options": "{}", "is_active": "on",
    }  # fmt: skip
    assert site.post(reverse("admin:datasources_datasource_add"), form).status_code == 302
    source = DataSource.objects.get()
    page = reverse("admin:datasources_datasource_change", args=[source.pk])
    assert "s3cret" not in site.get(page).content.decode()
    assert site.post(page, {**form, "password": "", "label": "CRM"}).status_code == 302
    assert DataSource.objects.get().credentials == source.credentials
    assert "host is not allowed" in site.post(page, {**form, "host": "/run/parley"}).content.decode()


def test_the_admin_is_for_staff(alice: User, acme: Organization) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(reverse("admin:index")).status_code == 302
    assert Clarification.objects.count() == 0


def test_the_last_owner_is_kept_on_the_admin_site_too(site: Client, acme: Organization, alice: User, bob: User) -> None:
    own = Membership.objects.get(user=alice)
    page = reverse("admin:accounts_membership_change", args=[own.pk])
    told = site.post(page, {"role": "viewer", "is_active": "on"}, follow=True)
    assert "at least one active owner" in told.content.decode()
    gone = site.post(reverse("admin:accounts_membership_delete", args=[own.pk]), {"post": "yes"}, follow=True)
    assert "at least one active owner" in gone.content.decode()
    assert Membership.objects.get(user=alice).role == "owner"
    other = Membership.objects.get(user=bob)
    assert site.post(
        reverse("admin:accounts_membership_change", args=[other.pk]), {"role": "analyst", "is_active": "on"}
    )
    assert Membership.objects.get(user=bob).role == "analyst"


def test_keys_are_rotated_and_revoked_here_and_the_log_says_by_whom(
    site: Client, acme: Organization, alice: User
) -> None:
    key, old = create_api_key(membership=Membership.objects.get(user=alice), name="script")
    page = reverse("admin:accounts_apikey_changelist")
    rotated = site.post(page, {"action": "rotate", "_selected_action": str(key.pk)}, follow=True).content.decode()
    new = next(word for word in rotated.replace("<", " ").split() if word.startswith("pk_") and len(word) > 40)
    assert {find_key(secret) for secret in (old, new)} == {key}
    site.post(page, {"action": "revoke", "_selected_action": str(key.pk)})
    assert [find_key(secret) for secret in (old, new)] == [None, None]
    admins = AuditEvent.objects.filter(actor__email="admin@parley.example", action__startswith="api_key.")
    assert list(admins.order_by("number").values_list("action", flat=True)) == ["api_key.rotated", "api_key.revoked"]


def test_a_password_set_here_ends_the_persons_sign_ins(site: Client, alice: User) -> None:
    theirs = Client()
    theirs.force_login(alice)
    form = {"password1": "a-password-set-here", "password2": "a-password-set-here", "usable_password": "true"}
    assert site.post(reverse("admin:auth_user_password_change", args=[alice.pk]), form).status_code == 302
    assert theirs.get("/account").status_code == 302


@pytest.mark.parametrize("action", ["sign_out", "reset_second_factor"])
def test_sign_ins_are_ended_here(site: Client, alice: User, action: str) -> None:
    theirs = Client()
    theirs.force_login(alice)
    site.post(reverse("admin:accounts_user_changelist"), {"action": action, "_selected_action": str(alice.pk)})
    assert theirs.get("/account").status_code == 302
