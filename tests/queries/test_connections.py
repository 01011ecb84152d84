"""No connection of ours is held while somebody else works: a customer's database, an engine, a worker, a client."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.accounts.principal import Principal
from apps.datasources import execution, introspection
from apps.datasources.models import DataSource
from apps.queries import downloads, events
from apps.queries.models import Query, Status
from apps.queries.steps import rows, writing
from apps.queries.work import waiting
from apps.queries.work.leases import take_lease

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = {"question": "How many customers are there?", "data_source": "sample"}
Watch = Callable[[Any, str], None]


@pytest.fixture
def held() -> list[tuple[str, bool]]:
    """Each wait by name, and whether this thread held a connection meanwhile."""
    return []


@pytest.fixture
def watch(held: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Have calls of a function noted in `held`."""

    def replace(module: Any, name: str) -> None:
        plain = getattr(module, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            held.append((name, connection.connection is not None))
            return plain(*args, **kwargs)

        monkeypatch.setattr(module, name, watched)

    return replace


@pytest.fixture
def api(client_of: Callable[[User], APIClient], alice: User, acme: Organization, source: DataSource) -> APIClient:
    return client_of(alice)


def test_a_worker_holds_none_while_an_engine_reads_and_a_source_works(
    api: APIClient, watch: Watch, held: list[tuple[str, bool]]
) -> None:
    watch(writing, "propose_readings")
    watch(rows, "execute")
    assert api.post("/api/v1/queries", COUNT, format="json").status_code == 200
    assert {"propose_readings", "execute"} <= {name for name, _ in held}
    assert not any(is_held for _, is_held in held)


def test_a_download_holds_none_while_the_source_works(
    api: APIClient, watch: Watch, held: list[tuple[str, bool]]
) -> None:
    pk = api.post("/api/v1/queries", COUNT, format="json").json()["id"]
    watch(downloads, "stream")
    assert b"".join(api.get(f"/api/v1/queries/{pk}/result.csv"))  # type: ignore[arg-type]
    assert held == [("stream", False)]


@pytest.mark.parametrize("path", ["test", "sync"])
def test_managing_a_source_holds_none_while_the_source_works(
    api: APIClient, source: DataSource, watch: Watch, held: list[tuple[str, bool]], path: str
) -> None:
    watch(execution, "test_connection")
    watch(introspection, "read_schema")
    assert api.post(f"/api/v1/data-sources/{source.pk}/{path}").status_code == 200
    assert held == [("test_connection" if path == "test" else "read_schema", False)]


@pytest.fixture
def running(acme: Organization, alice: User, source: DataSource) -> Query:
    """A query that some worker is on."""
    query = Query.objects.create(organization=acme, user=alice, data_source=source, question=COUNT["question"])
    assert take_lease(acme, query.pk) is not None
    Query.objects.update(lease_expires_at=timezone.now() + timedelta(minutes=1))
    return query


@pytest.mark.parametrize("module", [waiting, events])
def test_the_web_holds_none_while_it_waits_for_a_worker(
    running: Query,
    as_alice: Principal,
    module: Any,
    held: list[tuple[str, bool]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses = iter(range(3))

    def pause(seconds: float) -> None:
        held.append(("sleep", connection.connection is not None))
        if next(pauses, None) is None:
            Query.objects.update(status=Status.CANCELLED)

    monkeypatch.setattr(time, "sleep", pause)
    if module is waiting:
        assert waiting.wait_for_outcome(running, 60)
    else:
        assert b"event: query" in b"".join(events.event_stream(running, lambda: as_alice, last_seen=""))  # type: ignore[arg-type]
    assert held == [("sleep", False)] * 4


def test_an_event_stream_holds_none_while_its_client_reads(api: APIClient, as_alice: Principal) -> None:
    pk = api.post("/api/v1/queries", COUNT, format="json").json()["id"]
    query = Query.objects.select_related("organization").get(pk=pk)
    stream = events.event_stream(query, lambda: as_alice, last_seen="")
    assert {connection.connection is not None for _ in stream} == {False}
