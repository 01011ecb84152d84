"""Places of event streams: bounded, and given back however a stream ends."""

from collections.abc import Callable

import pytest

from apps.accounts.models import Membership, Organization, User
from apps.accounts.principal import Principal
from apps.accounts.services.api_keys import create_api_key, revoke_api_key
from apps.accounts.services.sign_out import sign_out_everywhere
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


ENDS = {
    "a member who is locked out": lambda who: Membership.objects.filter(pk=who.membership.pk).update(is_active=False),
    "a member who is removed": lambda who: Membership.objects.filter(pk=who.membership.pk).delete(),
    "an organization that is closed": lambda who: Organization.objects.update(is_active=False),
    "a person who is disabled": lambda who: User.objects.filter(pk=who.user.pk).update(is_active=False),
    "a person who signed out everywhere": lambda who: sign_out_everywhere(User.objects.get(pk=who.user.pk)),
    "a second factor that is required and missing": lambda who: Organization.objects.update(
        requires_second_factor=True
    ),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_an_open_stream_tells_nothing_to_who_may_no_longer_read(
    query: Query, as_alice: Principal, end: Callable[[Principal], object]
) -> None:
    stream = event_stream(query, as_alice, last_seen="")
    end(as_alice)
    assert b"".join(stream) == b""  # type: ignore[arg-type]


def test_an_open_stream_of_a_key_ends_with_the_key(query: Query, as_alice: Principal) -> None:
    key, _ = create_api_key(membership=as_alice.membership, name="A key")
    with_key = Principal(as_alice.membership, key)
    assert b"event: query" in b"".join(event_stream(query, with_key, last_seen=""))  # type: ignore[arg-type]
    stream = event_stream(query, with_key, last_seen="")
    revoke_api_key(key)
    assert b"".join(stream) == b""  # type: ignore[arg-type]
