"""What a query's page offers beside the answer: who did which step, another run, files of what is on record."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import AuditEvent, Organization, Role, User
from apps.accounts.services import add_member
from apps.datasources.models import DataSource
from apps.queries.models import Query, Run, Status, Step

pytestmark = pytest.mark.django_db
LINK = "https://figures.example/x"


@pytest.fixture
def page(alice: User, acme: Organization) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


@pytest.fixture
def models(settings: Any, tmp_path: Any) -> None:
    """Two models, and a search service."""
    path = tmp_path / "models.toml"
    path.write_text("".join(f'[[models]]\nkey = "{key}"\nbase_url = "http://127.0.0.1:9/v1"\n' for key in ("a", "b")))
    changed = {"models_file": path, "web_research": "searxng", "web_research_url": "http://127.0.0.1:9"}
    settings.PARLEY = settings.PARLEY.model_copy(update=changed)


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="How many customers are there?", answer="Seven.",
        status=Status.ANSWERED,
    )  # fmt: skip
    run = Run.objects.create(organization=acme, query=query, number=1, sql="SELECT 1", models_used={"sql": "a"})
    detail = {
        "notes": ["Worded by rule: the model took too long."],
        "dropped": ["It is 99 %."],
        "findings": [{"text": "Seven is prime.", "url": LINK}],
        "budget": {"sections": {"schema": {"left_out": 3}, "glossary": {"left_out": 0}}},
    }
    Step.objects.create(
        organization=acme, run=run, number=1, agent="synthesizer", type="synthesis", action="Put it into words.",
        status="ok", duration_ms=1, model="a", tokens={"prompt": 321, "completion": 12}, cost_usd="0.00035",
        detail=detail,
    )  # fmt: skip
    query.last_run = run
    query.save()
    return query


def test_each_step_tells_its_model_its_cost_and_what_was_left_out(page: Client, query: Query) -> None:
    text = page.get(f"/queries/{query.pk}").content.decode()
    assert "· a · 321 + 12 tokens · 0.00035 USD" in text
    assert "Worded by rule: the model took too long." in text
    assert "Left out: “It is 99 %.”" in text
    assert "No room in the prompt for 3 of schema" in text
    assert "of glossary" not in text


def test_no_page_leads_to_an_address_out_of_a_search(page: Client, query: Query) -> None:
    text = page.get(f"/queries/{query.pk}").content.decode()
    assert LINK in text
    assert f'href="{LINK}' not in text


def test_the_form_offers_what_there_is(page: Client, source: DataSource) -> None:
    text = page.get("/").content.decode()
    assert 'name="without_charts"' in text
    assert 'name="answered_by"' not in text
    assert 'name="web_research"' not in text


@pytest.mark.usefixtures("models")
def test_a_question_is_asked_as_the_form_says(page: Client, source: DataSource) -> None:
    assert '<option value="model:b">b</option>' in page.get("/").content.decode()
    body = {"question": "How many customers are there?", "data_source": source.name}
    chosen = {"answered_by": "model:b", "web_research": "on", "without_charts": "on", "without_asking": "on"}
    assert page.post("/", body | chosen).status_code == 302
    asked = Query.objects.get()
    assert asked.options == {
        "engine": "model", "reasoning_model": "b", "implementation_model": "b", "clarification_mode": False,
        "enable_charts": False, "web_research": True,
    }  # fmt: skip
    Query.objects.update(status=Status.ANSWERED)
    follow_up = page.get(f"/queries/{asked.pk}").content.decode()
    assert '<option value="model:b" selected>' in follow_up
    assert page.post("/", body).status_code == 302
    assert Query.objects.order_by("-id")[0].options == {}


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("choice", [{"answered_by": "model:nobody"}, {"answered_by": "builtin", "web_research": "on"}])
def test_a_choice_that_cannot_be_kept_is_refused(page: Client, source: DataSource, choice: dict[str, str]) -> None:
    shown = page.post("/", {"question": "How many?", "data_source": source.name, **choice})
    assert shown.status_code == 400
    assert '<details class="choices" open>' in shown.content.decode()
    assert not Query.objects.exists()


def test_a_registry_that_is_broken_takes_no_page_away(page: Client, source: DataSource, settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"models_file": settings.BASE_DIR / "no-such.toml"})
    assert page.get("/").status_code == 200


@pytest.mark.usefixtures("models")
def test_a_query_is_asked_again_of_another_model(page: Client, query: Query) -> None:
    assert page.post(f"/queries/{query.pk}/replay", {"answered_by": "model:b"}).status_code == 302
    again = Query.objects.get()
    assert (again.status, again.options["reasoning_model"]) == (Status.QUEUED, "b")
    assert AuditEvent.objects.filter(action="query.replayed").count() == 1
    assert "can be replayed once" in page.post(f"/queries/{query.pk}/replay", follow=True).content.decode()


@pytest.mark.usefixtures("models")
def test_another_run_never_drops_what_the_first_one_was_asked_for(page: Client, query: Query) -> None:
    Query.objects.update(options={"web_research": True})
    shown = page.post(f"/queries/{query.pk}/replay", {"answered_by": "builtin"}, follow=True).content.decode()
    assert "which the built-in engine does not do" in shown
    assert Query.objects.get().status == Status.ANSWERED


def test_the_record_comes_as_files_and_taking_the_dossier_is_audited(page: Client, query: Query) -> None:
    trace = page.get(f"/queries/{query.pk}/trace.json")
    assert json.loads(trace.content)["runs"][0]["steps"][0]["model"] == "a"
    assert trace.headers["Cache-Control"] == "no-store"
    dossier = page.get(f"/queries/{query.pk}/dossier.json")
    assert json.loads(dossier.content)["request"]["question"] == query.question
    assert AuditEvent.objects.filter(action="query.dossier_taken").count() == 1


def test_alice_bob_and_charlie(
    query: Query, acme: Organization, globex: Organization, bob: User, charlie: User
) -> None:
    bobs, charlies = Client(), Client()
    bobs.force_login(bob)
    charlies.force_login(charlie)
    for name in ("trace.json", "dossier.json"):
        assert bobs.get(f"/queries/{query.pk}/{name}").status_code == 200
        assert charlies.get(f"/queries/{query.pk}/{name}").status_code == 404
    assert "Ask again" not in bobs.get(f"/queries/{query.pk}").content.decode()
    assert bobs.post(f"/queries/{query.pk}/replay").status_code == 403
    assert charlies.post(f"/queries/{query.pk}/replay").status_code == 404


def test_nobody_asks_again_for_somebody_else(
    query: Query, acme: Organization, globex: Organization, charlie: User
) -> None:
    add_member(organization=acme, user=charlie, role=Role.ADMIN)
    client = Client()
    client.force_login(charlie)
    client.post("/organization", {"organization": acme.slug})
    assert client.get(f"/queries/{query.pk}").status_code == 200
    assert client.post(f"/queries/{query.pk}/replay").status_code == 404
