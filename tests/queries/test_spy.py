"""A spy at the drivers: whatever the surface, a source hears what the guard released, or fixed SQL of ours."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.datasources.address import SourceKind
from apps.datasources.guard import SafeSql, check
from apps.datasources.models import DataSource
from apps.datasources.services import create_data_source, sync_data_source
from apps.datasources.sessions import (
    mysql,
    mysql_catalogue,
    postgres,
    postgres_catalogue,
    postgres_grants,
    sessions,
)
from apps.datasources.sessions.child_process import ChildProcess
from tests.datasources.conftest import mariadb  # noqa: F401  (a fixture)
from tests.datasources.lab import DuckDbLab, Lab, MySqlLab, PostgresLab, SqliteLab

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = "How many customers are there?"
# The session's own statements; a number where one carries a number.
FIXED = {
    *postgres_catalogue.CATALOGUE.values(), *postgres_grants.GRANTS, postgres._BEGIN, postgres._ALIVE,
    postgres._DISCARD, *mysql._SETTINGS, *mysql._MARIADB_SETTINGS, mysql._READ_BACK, mysql._BEGIN,
    *mysql_catalogue.CATALOGUE.values(), "SHOW GRANTS FOR CURRENT_USER()", "ROLLBACK", "SET NAMES utf8mb4",
    "the catalogue of the child",
}  # fmt: skip
FIXED_WITH_A_NUMBER = re.compile(r"SET SESSION max_(statement|execution)_time = [\d.]+|KILL QUERY \d+")


class Spy:
    """What the guard released, and what each driver was given for the source."""

    def __init__(self) -> None:
        self.released: set[str] = set()
        self.heard: list[str] = []

    def strays(self) -> list[str]:
        return [
            text for text in self.heard if text not in self.released | FIXED and not FIXED_WITH_A_NUMBER.fullmatch(text)
        ]

    def of_people(self) -> set[str]:
        """What was heard that is no fixed statement."""
        return {text for text in self.heard if text in self.released}

    def start_anew(self) -> None:
        self.heard.clear()


@pytest.fixture(autouse=True)
def _nothing_is_kept(settings: Any) -> None:
    """Each surface reads anew."""
    settings.PARLEY = settings.PARLEY.model_copy(update={"result_cache_seconds": 0})


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> Spy:
    made = Spy()
    check._verdicts.clear()  # what is remembered from another test was released before we listened
    sealed = SafeSql.__post_init__

    def note_release(safe: SafeSql) -> None:
        sealed(safe)
        made.released.add(safe.text)

    monkeypatch.setattr(SafeSql, "__post_init__", note_release)

    def listen(owner: Any, name: str, text_of: Callable[..., str | None]) -> None:
        plain = getattr(owner, name)

        def heard(*args: Any, **named: Any) -> Any:
            text = text_of(*args)
            if text is not None:
                made.heard.append(text)
            return plain(*args, **named)

        monkeypatch.setattr(owner, name, heard)

    def of_postgres(cursor: Any, query: Any, *_: Any) -> str | None:
        if cursor.connection.info.dbname != lab.address.database or cursor.connection is getattr(lab, "admin", None):
            return None
        return str(query)

    def of_mysql(connection: Any, sql: Any, *_: Any) -> str | None:
        text = sql.decode() if isinstance(sql, bytes) else sql
        return None if connection is getattr(lab, "root", None) else text

    def of_child(child: Any, message: dict[str, Any]) -> str:
        return message.get("sql", "the catalogue of the child")

    listen(psycopg.Cursor, "execute", of_postgres)
    listen(psycopg.Cursor, "stream", of_postgres)
    listen(psycopg.Cursor, "executemany", of_postgres)
    listen(pymysql.connections.Connection, "query", of_mysql)
    listen(ChildProcess, "send", of_child)
    return made


@pytest.fixture(params=["postgres", "mysql", "sqlite", "duckdb"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    made: Lab
    if request.param == "postgres":
        made = PostgresLab()
    elif request.param == "mysql":
        made = MySqlLab(request.getfixturevalue("mariadb"))
    else:
        made = {"sqlite": SqliteLab, "duckdb": DuckDbLab}[request.param](tmp_path, SourceKind(request.param))
    yield made
    sessions.close(made.address.id)
    made.close()


@pytest.fixture
def spied(acme: Organization, lab: Lab, spy: Spy) -> Iterator[DataSource]:
    """Acme's source on the lab, read once."""
    place = lab.address
    source = create_data_source(
        organization=acme, name="sample", kind=place.kind.value, host=place.host,
        port=place.port and int(place.port), database=place.path or place.database, username=place.user,
        password=place.password, is_of_installation=True,
    )  # fmt: skip
    yield sync_data_source(source)
    sessions.close(str(source.pk))


def over_rest(api: APIClient, question: str = COUNT) -> Any:
    body = {"question": question, "data_source": "sample"}
    asked = api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"})
    assert asked.json()["status"] == "answered", asked.json()
    return asked.json()


def test_every_surface_runs_only_what_was_released_and_the_same_for_the_same_person(
    spied: DataSource, spy: Spy, client_of: Callable[[User], APIClient], alice: User
) -> None:
    api, page = client_of(alice), Client()
    page.force_login(alice)
    assert spy.heard
    assert spy.strays() == []

    heard: dict[str, set[str]] = {}

    def on(surface: str, act: Callable[[], Any]) -> Any:
        spy.start_anew()
        found = act()
        assert spy.strays() == [], surface
        heard[surface] = spy.of_people()
        return found

    query = on("rest", lambda: over_rest(api))
    on("page", lambda: page.post("/", {"question": COUNT, "data_source": "sample"}, follow=True))
    on("command", lambda: call_command("ask", COUNT, "--source", "sample", "--json", stdout=StringIO()))
    on("short form", lambda: api.post("/api/v1/query", {"query": COUNT}, format="json"))
    assert heard["rest"]
    assert {name: texts for name, texts in heard.items() if texts != heard["rest"]} == {}

    on("download", lambda: b"".join(api.get(f"/api/v1/queries/{query['id']}/result.csv")))
    on("page's download", lambda: b"".join(page.get(f"/queries/{query['id']}/result.json")))
    assert heard["download"] == heard["page's download"] != set()

    place = f"/api/v1/data-sources/{spied.pk}"
    on("events", lambda: b"".join(api.get(query["links"]["events"])))
    on("trace", lambda: api.get(query["links"]["trace"]))
    on("history", lambda: page.get("/history"))
    on("schema", lambda: api.get(f"{place}/schema"))
    for quiet in ("events", "trace", "history", "schema"):
        assert heard[quiet] == set(), quiet
    on("sync", lambda: api.post(f"{place}/sync"))
    on("test", lambda: api.post(f"{place}/test"))
    on("change", lambda: api.patch(place, {"label": "Lab"}, format="json"))
    assert heard["sync"]


def test_the_admin_site_and_the_doctor_run_fixed_statements_and_released_samples_only(
    spied: DataSource, spy: Spy
) -> None:
    site = Client()
    site.force_login(User.objects.create_superuser("admin@parley.example", "x"))
    spy.start_anew()
    for action in ("test", "sync"):
        form = {"action": action, "_selected_action": [str(spied.pk)]}
        assert site.post(reverse("admin:datasources_datasource_changelist"), form).status_code == 302
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=StringIO())
    assert spy.heard
    assert spy.strays() == []


def test_a_stray_statement_would_be_noticed(spied: DataSource, spy: Spy) -> None:
    from apps.datasources.locations import full_address
    from apps.datasources.sessions import session_for
    from apps.datasources.sessions.base import Limits

    list(session_for(full_address(spied)).stream("SELECT 1 + 1", Limits(), None))
    assert spy.strays() == ["SELECT 1 + 1"]


@pytest.mark.parametrize("lab", ["sqlite"], indirect=True)
def test_previews_of_a_clarification_and_its_answer_run_released_text_only(
    source: DataSource, spy: Spy, client_of: Callable[[User], APIClient], alice: User
) -> None:
    api = client_of(alice)
    body = {"question": "What is our revenue?", "data_source": "sample"}
    asked = api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"}).json()
    assert asked["status"] == "needs_clarification", asked
    [question] = asked["clarification"]["questions"]
    answers = [{"question_id": question["id"], "option_id": question["options"][-1]["id"]}]
    path = f"/api/v1/clarifications/{asked['clarification']['id']}/answers"
    assert api.post(path, {"answers": answers}, format="json").status_code in (200, 202)
    assert len(spy.of_people()) > 1
    assert spy.strays() == []
