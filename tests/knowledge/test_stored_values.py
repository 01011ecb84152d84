"""Values in our database: brought up to date by what changed, looked up without holding them all."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources import introspection
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import access_of, sync_data_source
from apps.knowledge import services
from apps.knowledge.models import IndexedValue
from apps.knowledge.services import load_values
from tests.first_sync import synced_source

pytestmark = pytest.mark.django_db
NAMES = ["Delta Airlines", "Zürich", "Ann Arbor", "Saint-Étienne", "USA"]


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_FOLDERS = [f"*={tmp_path}"]
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE places (name text)")
        connection.execute("CREATE TABLE secrets (name text)")
        connection.executemany("INSERT INTO places VALUES (?)", [(name,) for name in NAMES])
        connection.execute("INSERT INTO secrets VALUES ('Delta Force')")
    connection.close()
    return path


@pytest.fixture
def places(acme: Organization, file: Path) -> DataSource:
    return synced_source(acme, file)


@pytest.fixture
def find(places: DataSource, alice: User, monkeypatch: pytest.MonkeyPatch) -> Callable[..., set[str]]:
    """What is found for a phrase of a question while no process holds the values."""
    monkeypatch.setattr(services, "MOST_IN_MEMORY", 0)
    services._are_many.cache_clear()

    def found(phrase: str, user: User = alice, question: str = "") -> set[str]:
        principal = Principal(Membership.objects.select_related("user", "organization").get(user=user))
        index = load_values(places, access_of(principal, places), question or f"How many flights to {phrase}?")
        return {match.value for match in index.find(phrase)}

    return found


def kept(source: DataSource) -> dict[tuple[str, str], Any]:
    rows = IndexedValue.objects.for_org(source.organization).filter(data_source=source)
    return {(row.table, row.value): row.pk for row in rows}


@pytest.mark.parametrize(
    ("phrase", "value"),
    [
        ("Ann Arbor", "Ann Arbor"),
        ("ann arbor", "Ann Arbor"),
        ("Airlines", "Delta Airlines"),
        ("Dleta Airlines", "Delta Airlines"),
        ("Zurich", "Zürich"),
        ("saint etienne", "Saint-Étienne"),
        ("American", "USA"),
    ],
)
def test_values_are_found_in_the_database(find: Callable[..., set[str]], phrase: str, value: str) -> None:
    assert value in find(phrase)


def test_only_what_the_question_may_mean_is_read(find: Callable[..., set[str]]) -> None:
    assert find("Zürich", question="How many flights to Ann Arbor?") == set()


def test_values_of_hidden_tables_are_not_known(
    find: Callable[..., set[str]], places: DataSource, bob: User, alice: User
) -> None:
    AccessPolicy.objects.create(
        organization=places.organization, data_source=places, role=Role.VIEWER, tables={"except": ["secrets"]}
    )
    assert find("Delta Force", alice) == {"Delta Force"}
    assert "Delta Force" not in find("Delta Force", bob)


def test_a_sync_writes_only_what_changed(places: DataSource, file: Path) -> None:
    before = kept(places)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE places SET name = 'Basel' WHERE name = 'USA'")
        connection.execute("DROP TABLE secrets")
    connection.close()
    sync_data_source(places)
    after = kept(places)
    assert set(after) - set(before) == {("places", "Basel")}
    assert set(before) - set(after) == {("places", "USA"), ("secrets", "Delta Force")}
    assert all(after[place] == before[place] for place in set(before) & set(after))


def test_values_of_another_organization_are_not_found(
    find: Callable[..., set[str]], globex: Organization, tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE places (name text)")
        connection.execute("INSERT INTO places VALUES ('Delta Queen')")
    connection.close()
    synced_source(globex, other)
    assert find("Delta Queen") == set()


def test_what_a_process_holds_during_a_sync_is_gone_after_it(
    places: DataSource, file: Path, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> set[str]:
        """Asked as by any process, which reads the source's row first."""
        stored = DataSource.objects.get(pk=places.pk)
        principal = Principal(Membership.objects.select_related("user", "organization").get(user=alice))
        return {match.value for match in load_values(stored, access_of(principal, stored)).find("Basel")}

    def read_and_ask(*place: Any, **more: Any) -> list[str]:
        asked_during.append(found())
        return read_values(*place, **more)

    asked_during: list[set[str]] = []
    read_values = introspection.read_values
    monkeypatch.setattr(introspection, "read_values", read_and_ask)
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO places VALUES ('Basel')")
    connection.close()
    sync_data_source(places)
    assert asked_during[0] == set()
    assert found() == {"Basel"}


def test_what_a_sync_left_half_done_is_read_anew_too(
    places: DataSource, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*place: Any, **more: Any) -> list[str]:
        raise RuntimeError("The process is short of memory.")

    monkeypatch.setattr(introspection, "read_values", fail)
    before = DataSource.objects.get(pk=places.pk).synced_at
    with pytest.raises(RuntimeError):
        sync_data_source(places)
    assert DataSource.objects.get(pk=places.pk).synced_at != before
