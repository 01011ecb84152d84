"""Two organizations with sources of one name and layout: nothing that is kept for one is taken for the other."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.datasources.services import access_of, address_of, sync_data_source
from apps.datasources.sessions import session_for
from apps.knowledge.services import load_values
from apps.queries import services
from apps.queries.models import Conversation, Query
from apps.queries.steps.understanding import understand
from apps.queries.tasks import answer_query_task
from tests.first_sync import synced_source

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
COUNT = "How many customers are there?"


def file_with(path: Path, *names: str) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id integer PRIMARY KEY, name text)")
        connection.executemany("INSERT INTO customers (name) VALUES (?)", [(name,) for name in names])
    connection.close()
    return path


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> tuple[Path, Path]:
    settings.SOURCE_FOLDERS = [f"*={tmp_path}"]
    return file_with(tmp_path / "a.sqlite", "Ada"), file_with(tmp_path / "b.sqlite", "Zoe", "Yan")


@pytest.fixture
def sources(acme: Organization, globex: Organization, files: tuple[Path, Path]) -> list[DataSource]:
    return [synced_source(owner, file) for owner, file in zip((acme, globex), files, strict=True)]


def asked(api: APIClient, **more: Any) -> Any:
    body = {"question": COUNT, "data_source": "sample", "engine": "builtin", **more}
    return api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"})


def counts(apis: list[APIClient]) -> list[int]:
    return [int(asked(api).json()["result"]["rows"][0][0]) for api in apis]


def known_names(user: User, source: DataSource) -> set[str]:
    principal = Principal(Membership.objects.select_related("user", "organization").get(user=user))
    values = load_values(source, access_of(principal, source))
    return {name for name in ("Ada", "Zoe", "Yan") if values.find(name, exact=True)}


def test_the_same_question_gets_each_organizations_own_answer(
    sources: list[DataSource], alice: User, charlie: User, client_of: ClientOf
) -> None:
    apis = [client_of(alice), client_of(charlie)]
    assert [counts(apis) for _ in range(3)] == [[1, 2]] * 3
    for api, source in zip(apis, sources, strict=True):
        [listed] = api.get("/api/v1/data-sources").json()["results"]
        assert listed["id"] == str(source.pk)
        assert len(api.get("/api/v1/queries").json()["results"]) == 3


def test_each_index_of_values_holds_its_own_sources_values(
    sources: list[DataSource], alice: User, charlie: User
) -> None:
    for _ in range(2):
        assert [known_names(alice, sources[0]), known_names(charlie, sources[1])] == [{"Ada"}, {"Zoe", "Yan"}]


def test_sessions_are_of_one_source(sources: list[DataSource]) -> None:
    first, second = (session_for(address_of(source)) for source in sources)
    assert first is not second
    assert session_for(address_of(sources[0])) is first


def test_what_is_kept_follows_a_source_that_changes_places(
    sources: list[DataSource], files: tuple[Path, Path], alice: User, charlie: User, client_of: ClientOf
) -> None:
    apis = [client_of(alice), client_of(charlie)]
    assert counts(apis) == [1, 2]
    for source, file in zip(sources, reversed(files), strict=True):
        DataSource.objects.filter(pk=source.pk).update(database=str(file))
        sync_data_source(DataSource.objects.select_related("organization").get(pk=source.pk))
    sources = [DataSource.objects.select_related("organization").get(pk=source.pk) for source in sources]
    assert counts(apis) == [2, 1]
    assert [known_names(alice, sources[0]), known_names(charlie, sources[1])] == [{"Zoe", "Yan"}, {"Ada"}]


def test_a_conversation_is_of_one_person_in_one_organization(
    sources: list[DataSource], alice: User, charlie: User, client_of: ClientOf
) -> None:
    asked(client_of(alice))
    conversation = Conversation.objects.get()
    refused = asked(client_of(charlie), conversation=str(conversation.pk))
    assert (refused.status_code, "conversation" in refused.json()["error"]["details"]) == (400, True)
    own = asked(client_of(charlie))
    query = Conversation.objects.get(user=charlie).queries.select_related("organization", "user", "data_source").get()
    assert str(query.pk) == own.json()["id"]
    assert understand.__wrapped__(query).reading_context.history == ()  # type: ignore[attr-defined]


def test_one_idempotency_key_in_two_organizations_is_two_questions(
    sources: list[DataSource], alice: User, charlie: User, client_of: ClientOf
) -> None:
    apis = [client_of(alice), client_of(charlie)]
    body = {"question": COUNT, "data_source": "sample"}
    headers = {"Idempotency-Key": "the-same", "Prefer": "wait=20"}
    answers = [api.post("/api/v1/queries", body, format="json", headers=headers).json() for api in apis]
    assert [int(one["result"]["rows"][0][0]) for one in answers] == [1, 2]
    assert answers[0]["id"] != answers[1]["id"]


def test_a_source_that_is_switched_off_after_asking_is_not_read(
    sources: list[DataSource], alice: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = client_of(alice)
    answered = asked(api).json()
    monkeypatch.setattr(services, "ring", lambda query: None)
    waiting = Query.objects.get(
        pk=api.post("/api/v1/queries", {"question": COUNT, "data_source": "sample"}, format="json").json()["id"]
    )
    DataSource.objects.update(is_active=False)
    answer_query_task(str(waiting.organization_id), str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == ("refused", "no_longer_allowed")
    assert api.get(f"/api/v1/queries/{answered['id']}/result.csv").status_code == 409
