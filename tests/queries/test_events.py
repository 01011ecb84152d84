"""Places of event streams: bounded, and given back however a stream ends."""

import pytest

from apps.accounts.models import Organization, User
from apps.accounts.principal import Principal
from apps.common.errors import Unavailable
from apps.datasources.models import DataSource
from apps.queries import events
from apps.queries.events import event_stream
from apps.queries.models import Query, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    made: Query = Query.objects.create(
        organization=acme, user=alice, data_source=source, question="How many?", status=Status.CANCELLED
    )
    return made


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_streams", events.threading.BoundedSemaphore(2))


def test_one_stream_too_many_is_told_to_come_again(query: Query, as_alice: Principal, two_places: None) -> None:
    streams = [event_stream(query, as_alice, last_seen="") for _ in range(2)]
    with pytest.raises(Unavailable):
        event_stream(query, as_alice, last_seen="")
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("last_seen", ["", "3", "abc", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "9" * 5_000])
def test_a_place_is_given_back_whatever_the_client_saw_last(
    query: Query, as_alice: Principal, two_places: None, last_seen: str
) -> None:
    for _ in range(5):
        assert b"event: query" in b"".join(event_stream(query, as_alice, last_seen=last_seen))  # type: ignore[arg-type]


def test_a_client_that_goes_away_gives_its_place_back(query: Query, as_alice: Principal, two_places: None) -> None:
    for _ in range(5):
        event_stream(query, as_alice, last_seen="").close()
