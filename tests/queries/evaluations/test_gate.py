"""A source may require a passing evaluation before a change that alters its answers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.evaluations.models import EvaluationRequirement
from tests.conftest import PASSWORD
from tests.queries.evaluations.conftest import COUNT, OTHERWISE, PRODUCTS, Evaluate, Verify

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
NEW = {"answer_threshold": 0.5}


@pytest.fixture
def require(api: APIClient, source: DataSource) -> Callable[..., Any]:
    def now(**body: Any) -> Any:
        return api.put(f"/api/v1/data-sources/{source.pk}/evaluation-requirement", body, format="json")

    return now


@pytest.fixture
def change(api: APIClient, acme: Organization) -> Callable[..., Any]:
    """Changes the organization's settings over REST; the error's code, or nothing."""

    def now(**body: Any) -> str:
        answer = api.patch(f"/api/v1/organizations/{acme.pk}", body, format="json")
        assert answer.status_code in (200, 409), answer.content
        return "" if answer.status_code == 200 else answer.json()["error"]["code"]

    return now


def test_nothing_is_required_where_nobody_said_so(api: APIClient, source: DataSource, change: Any) -> None:
    path = f"/api/v1/data-sources/{source.pk}/evaluation-requirement"
    assert api.get(path).json()["is_required"] is False
    assert change(**NEW) == ""


def test_a_change_waits_for_an_evaluation_with_what_it_would_bring_in_force(
    require: Any, change: Any, verify: Verify, evaluate: Evaluate, acme: Organization
) -> None:
    verify(COUNT, PRODUCTS)
    assert require(least_precision=0.9).status_code == 200
    assert change(**NEW) == "evaluation_missing"
    evaluate()  # of the settings in force: says nothing about others
    assert change(**NEW) == "evaluation_missing"
    evaluate(threshold=0.5)
    assert change(**NEW) == ""
    acme.refresh_from_db()
    assert acme.answer_threshold == 0.5


def test_what_does_not_alter_answers_waits_for_nothing(require: Any, change: Any, verify: Verify) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    assert change(name="Acme Limited") == ""


def test_an_evaluation_that_shows_too_little_names_its_figures(
    require: Any, api: APIClient, acme: Organization, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT, OTHERWISE)
    require(least_precision=0.9, least_ex=0.5, least_questions=3)
    evaluation = evaluate(threshold=0.5)
    error = api.patch(f"/api/v1/organizations/{acme.pk}", NEW, format="json").json()["error"]
    assert (error["code"], error["details"]["evaluation"]) == ("evaluation_failed", str(evaluation.pk))
    assert error["details"]["lacking"] == ["questions 2, required 3", "precision 0.5, required 0.9"]


def test_where_nothing_is_answered_precision_is_not_shown(
    require: Any, change: Any, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT)
    require(least_precision=0.1)
    evaluate(threshold=1.0)
    assert change(answer_threshold=1.0) == "evaluation_failed"


def test_an_evaluation_is_out_of_date_once_schema_or_verified_queries_are_others(
    require: Any, change: Any, verify: Verify, evaluate: Evaluate, source: DataSource
) -> None:
    [count] = verify(COUNT)
    require(least_precision=0.9)
    evaluate(threshold=0.5)
    verify(PRODUCTS)
    assert change(**NEW) == "evaluation_stale"
    evaluate(threshold=0.5)
    DataSource.objects.filter(pk=source.pk).update(schema_version="another")
    assert change(**NEW) == "evaluation_stale"
    DataSource.objects.filter(pk=source.pk).update(schema_version=source.schema_version)
    type(count).objects.filter(pk=count.pk).update(sql="SELECT count(id) FROM customers")
    assert change(**NEW) == "evaluation_stale"
    type(count).objects.filter(pk=count.pk).update(state="retired")  # fewer than were put is no harm
    assert change(**NEW) == ""


def test_the_newest_counts_and_not_an_older_one_that_passed(
    require: Any, change: Any, verify: Verify, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    evaluate(threshold=0.5)
    with monkeypatch.context() as broken:
        broken.setattr("apps.queries.evaluations.work.propose_readings", lambda *args, **kwargs: [])
        evaluate(threshold=0.5)
    assert change(**NEW) == "evaluation_failed"


def test_what_somebody_saw_of_half_the_rows_does_not_count(
    require: Any, change: Any, verify: Verify, evaluate: Evaluate, source: DataSource, dana: User
) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.ANALYST,
        rules=[{"table": "customers", "filter": "country = 'Germany'"}],
    )  # fmt: skip
    assert evaluate(threshold=0.5, by=Principal(Membership.objects.get(user=dana))).summary["ex"] == 1.0
    assert change(**NEW) == "evaluation_stale"
    evaluate(threshold=0.5)
    assert change(**NEW) == ""


def test_switching_asking_back_off_alters_answers_too(
    require: Any, change: Any, api: APIClient, source: DataSource, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    assert change(clarification_enabled=False) == "evaluation_missing"
    path, body = f"/api/v1/data-sources/{source.pk}", {"clarification_enabled": False}
    assert api.patch(path, body, format="json").json()["error"]["code"] == "evaluation_missing"
    assert api.patch(path, {"label": "Sample"}, format="json").status_code == 200
    evaluate(may_ask=False)
    assert api.patch(path, body, format="json").status_code == 200


def test_a_sources_own_threshold_and_the_fiscal_year_alter_answers_too(
    require: Any, change: Any, api: APIClient, source: DataSource, verify: Verify, evaluate: Evaluate
) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    path, body = f"/api/v1/data-sources/{source.pk}", {"answer_threshold": 0.4}
    assert api.patch(path, body, format="json").json()["error"]["code"] == "evaluation_missing"
    assert change(fiscal_year_start_month=4) == "evaluation_missing"
    evaluate(threshold=0.4)
    assert api.patch(path, body, format="json").status_code == 200
    assert change(answer_threshold=0.9) == ""  # the source has its own by now
    evaluate(fiscal_year_start_month=4)
    assert change(fiscal_year_start_month=4) == ""


def test_approving_waits_where_the_source_wants_it_and_one_evaluation_covers_several(
    require: Any, api: APIClient, verify: Verify, evaluate: Evaluate
) -> None:
    proposals = verify(COUNT, PRODUCTS, approved=False)
    require(least_precision=0.9, holds_for_approvals=True)
    paths = [f"/api/v1/verified-queries/{one.pk}/approve" for one in proposals]
    assert api.post(paths[0]).json()["error"]["code"] == "evaluation_missing"
    evaluate(includes_proposed=True)
    assert [api.post(path).status_code for path in paths] == [200, 200]


def test_approving_waits_for_nothing_otherwise(require: Any, api: APIClient, verify: Verify) -> None:
    [proposal] = verify(COUNT, approved=False)
    require(least_precision=0.9)
    assert api.post(f"/api/v1/verified-queries/{proposal.pk}/approve").status_code == 200


def test_setting_and_removing_it_is_audited_and_for_administrators(
    require: Any, api: APIClient, client_of: ClientOf, dana: User, source: DataSource
) -> None:
    assert require().status_code == 400
    assert require(least_precision=0.8).json()["least_precision"] == 0.8
    assert require(least_ex=0.6).json()["least_precision"] is None
    path = f"/api/v1/data-sources/{source.pk}/evaluation-requirement"
    assert client_of(dana).delete(path).status_code == 403
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204
    acts = AuditEvent.objects.filter(action__startswith="evaluation_requirement.").order_by("number")
    assert [one.action for one in acts] == [
        "evaluation_requirement.set", "evaluation_requirement.set", "evaluation_requirement.removed",
    ]  # fmt: skip


@pytest.fixture
def admin_site(db: None) -> Client:
    User.objects.create_superuser("root@parley.example", PASSWORD)
    client = Client()
    assert client.login(email="root@parley.example", password=PASSWORD)
    return client


def test_the_admin_site_is_no_way_around_it(admin_site: Client, verify: Verify, acme: Organization) -> None:
    source = verify(COUNT)[0].data_source
    EvaluationRequirement.objects.create(organization=acme, data_source=source, least_precision=0.9)
    page = f"/admin/accounts/organization/{acme.pk}/change/"
    form = {
        "name": acme.name, "slug": acme.slug, "is_active": "on", "clarification_enabled": "on",
        "fiscal_year_start_month": 1,
    }  # fmt: skip
    inline = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    told = admin_site.post(page, {**form, **inline, "answer_threshold": "0.5"}, follow=True)
    assert "requires an evaluation" in told.content.decode()
    acme.refresh_from_db()
    assert acme.answer_threshold is None
    assert admin_site.post(page, {**form, **inline, "name": "Acme Limited"}).status_code == 302
    acme.refresh_from_db()
    assert acme.name == "Acme Limited"


def test_the_admin_site_is_no_way_around_it_for_a_source_either(
    admin_site: Client, verify: Verify, acme: Organization
) -> None:
    source = verify(COUNT)[0].data_source
    EvaluationRequirement.objects.create(organization=acme, data_source=source, least_precision=0.9)
    form = {
        "name": source.name, "kind": source.kind, "database": source.database, "options": "{}",
        "allowed_functions": "[]", "is_active": "on", "clarification_enabled": "on",
    }  # fmt: skip
    page = f"/admin/datasources/datasource/{source.pk}/change/"
    told = admin_site.post(page, {**form, "answer_threshold": "0.4"})
    assert "requires an evaluation" in told.content.decode()
    assert admin_site.post(page, {**form, "label": "Shop"}).status_code == 302
    source.refresh_from_db()
    assert (source.label, source.answer_threshold) == ("Shop", None)


def test_the_admin_site_shows_evaluations(admin_site: Client, verify: Verify, evaluate: Evaluate, require: Any) -> None:
    verify(COUNT)
    require(least_precision=0.9)
    evaluation = evaluate()
    for name in ("queries/evaluation", "queries/evaluationcase", "queries/evaluationrequirement"):
        assert admin_site.get(f"/admin/{name}/").status_code == 200
    assert COUNT[0] in admin_site.get("/admin/knowledge/verifiedquery/").content.decode()
    page = admin_site.get(f"/admin/queries/evaluation/{evaluation.pk}/change/").content.decode()
    assert "one table, flat" in page


def test_the_admin_site_compares_two_evaluations(admin_site: Client, verify: Verify, evaluate: Evaluate) -> None:
    verify(COUNT)
    two = [evaluate().pk, evaluate(threshold=1.0).pk]
    act = {"action": "compare", "_selected_action": [str(one) for one in two]}
    page = admin_site.post("/admin/queries/evaluation/", act, follow=True).content.decode()
    assert "answered right → declined right: 1" in page
    assert COUNT[0] in page
    one = admin_site.post("/admin/queries/evaluation/", {**act, "_selected_action": [str(two[0])]}, follow=True)
    assert "Choose two evaluations." in one.content.decode()
