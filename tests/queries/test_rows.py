"""Rows that are kept: taken again for the same rights on an unchanged source, and for nobody and nothing else."""

import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.sample import write_sqlite
from apps.datasources.services import sync_data_source
from tests.first_sync import synced_source

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = "How many customers are in Germany?"
Clients = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _keeping_is_on(settings: Any) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"result_cache_seconds": 60})
    cache.clear()


@pytest.fixture
def file(sample_file: Path) -> Path:
    path = sample_file.parent / "changing.sqlite"
    write_sqlite(path)
    return path


@pytest.fixture
def source(acme: Organization, file: Path) -> DataSource:
    return synced_source(acme, file)


@pytest.fixture
def api(client_of: Clients, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def ask(api: APIClient, question: str = COUNT, **headers: str) -> dict[str, Any]:
    body = {"question": question, "data_source": "sample", "engine": "builtin"}
    found: dict[str, Any] = api.post(
        "/api/v1/queries", body, format="json", headers={"Prefer": "wait=20", **headers}
    ).json()
    assert found["status"] == "answered", found
    return found


def is_cached(query: dict[str, Any]) -> bool:
    return bool(query["metadata"]["cached"])


def move_a_customer(file: Path) -> None:
    """One more is in Germany."""
    with sqlite3.connect(file) as connection:
        elsewhere = "SELECT id FROM customers WHERE country <> 'Germany' LIMIT 1"
        connection.execute(f"UPDATE customers SET country = 'Germany' WHERE id = ({elsewhere})")
    connection.close()


def test_the_same_question_takes_rows_again_and_says_so(api: APIClient, file: Path) -> None:
    first = ask(api)
    move_a_customer(file)
    second = ask(api)
    assert (is_cached(first), is_cached(second)) == (False, True)
    assert [chart["spec"] for chart in second["charts"]] == [chart["spec"] for chart in first["charts"]]
    for part in ("answer", "sql"):
        assert second[part] == first[part]
    assert second["result"] == first["result"]
    (step,) = [one for one in second["data_sources"] if one["type"] == "execution"]
    assert step["cached"]
    assert step["read_at"] == first["result"]["read_at"]


def test_who_wants_new_rows_gets_them(api: APIClient, file: Path) -> None:
    first = ask(api)
    move_a_customer(file)
    fresh = ask(api, **{"Cache-Control": "no-cache"})
    assert not is_cached(fresh)
    assert fresh["result"]["rows"][0][0] == first["result"]["rows"][0][0] + 1
    assert ask(api)["result"] == fresh["result"]


def test_a_source_may_have_all_rows_read_anew(api: APIClient, source: DataSource) -> None:
    response = api.patch(f"/api/v1/data-sources/{source.pk}", {"result_cache_seconds": 0}, format="json")
    assert response.json()["result_cache_seconds"] == 0
    ask(api)
    assert not is_cached(ask(api))
    wrong = api.patch(f"/api/v1/data-sources/{source.pk}", {"result_cache_seconds": 90_000}, format="json")
    assert "result_cache_seconds" in wrong.json()["error"]["details"]


def test_a_lowered_setting_holds_for_what_is_kept_already(api: APIClient, source: DataSource) -> None:
    DataSource.objects.filter(pk=source.pk).update(result_cache_seconds=86_400)
    ask(api)
    assert is_cached(ask(api))
    DataSource.objects.filter(pk=source.pk).update(result_cache_seconds=1)
    time.sleep(1.1)
    assert not is_cached(ask(api))


def test_a_sync_drops_what_was_kept(api: APIClient, source: DataSource) -> None:
    ask(api)
    sync_data_source(source)
    assert not is_cached(ask(api))
    assert is_cached(ask(api))


def test_another_file_behind_the_source_drops_what_was_kept(api: APIClient, source: DataSource, file: Path) -> None:
    ask(api)
    other = file.with_name("other.sqlite")
    other.write_bytes(file.read_bytes())
    DataSource.objects.filter(pk=source.pk).update(database=str(other))
    assert not is_cached(ask(api))


def test_a_policy_drops_what_was_kept_and_people_under_others_share_nothing(
    api: APIClient, client_of: Clients, source: DataSource, acme: Organization, bob: User
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ANALYST)
    whole = ask(api)
    assert is_cached(ask(client_of(bob)))
    AccessPolicy.objects.create(
        organization=acme,
        data_source=source,
        role=Role.ANALYST,
        rules=[{"table": "customers", "filter": "id < 20"}],
    )
    theirs = ask(client_of(bob))
    assert not is_cached(theirs)
    assert theirs["result"]["rows"] != whole["result"]["rows"]
    assert is_cached(ask(client_of(bob)))
    assert is_cached(ask(api))


def test_another_organization_with_the_same_names_has_its_own(
    api: APIClient, client_of: Clients, charlie: User, globex: Organization, file: Path
) -> None:
    synced_source(globex, file)
    ask(api)
    assert not is_cached(ask(client_of(charlie)))


def test_rows_lie_in_redis_under_our_keys_only(api: APIClient) -> None:
    ask(api, "List the names of all customers in Germany")
    client: Any = cache._cache.get_client(None)  # type: ignore[attr-defined]
    kept = [client.get(key) for key in client.keys("*results:*")]
    assert kept
    assert all(b"customer" not in value and b"GmbH" not in value for value in kept)


def test_what_somebody_else_wrote_to_redis_is_not_taken(api: APIClient) -> None:
    ask(api)
    for key in cache._cache.get_client(None).keys("*results:*"):  # type: ignore[attr-defined]
        name = key.decode().split(":", 2)[2]
        cache.set(name, "forged", timeout=60)
    assert not is_cached(ask(api))


def test_where_redis_is_away_rows_are_read(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise RedisError

    for name in ("get", "set"):
        monkeypatch.setattr(f"apps.monitoring.caches.cache.{name}", away)
    assert not is_cached(ask(api))
    assert timezone.now() - timedelta(minutes=1) < timezone.now()
