"""What was asked before is found again by its words, by those who may see it, until it is forgotten."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.conversations.memory import asked_before
from apps.queries.conversations.services import forget_conversation
from apps.queries.models import Query, Status

from .conftest import Make

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], APIClient]
ASKED = "How many orders were shipped to Germany in 2025?"


def questions(principal: Principal, question: str, source: DataSource | None = None) -> list[str]:
    return [one.query.question for one in asked_before(principal, question, source=source)]


def test_likest_questions_come_first_and_each_wording_once(
    as_alice: Principal, source: DataSource, remembered: Make
) -> None:
    remembered(as_alice, source, ASKED, "how many orders were shipped to Germany in 2025", "Which products are new?")
    remembered(as_alice, source, "How many orders were shipped to Spain in 2025?")
    found = asked_before(as_alice, "orders shipped to Germany 2025")
    assert [one.query.question for one in found] == [
        "how many orders were shipped to Germany in 2025", "How many orders were shipped to Spain in 2025?",
    ]  # fmt: skip
    assert found[0].similarity == 1
    assert found[1].similarity < 1


@pytest.mark.parametrize("question", ["", "the of and", "weather", "' | !( & :* \\", "a" * 5000, "über & <-> 'x"])
def test_words_that_nobody_said_find_nothing(
    as_alice: Principal, source: DataSource, remembered: Make, question: str
) -> None:
    remembered(as_alice, source, ASKED)
    assert questions(as_alice, question) == []


def test_only_what_was_answered_is_remembered(as_alice: Principal, source: DataSource, remembered: Make) -> None:
    remembered(as_alice, source, ASKED)
    Query.objects.update(status=Status.CANNOT_ANSWER)
    assert questions(as_alice, ASKED) == []


def test_what_was_forgotten_is_not_found(as_alice: Principal, source: DataSource, remembered: Make) -> None:
    conversation = remembered(as_alice, source, ASKED)
    assert questions(as_alice, ASKED) == [ASKED]
    forget_conversation(principal=as_alice, conversation=conversation)
    assert questions(as_alice, ASKED) == []


def test_colleagues_find_it_and_another_organization_does_not(
    as_alice: Principal, source: DataSource, acme: Organization, bob: User, globex: Organization, charlie: User,
    remembered: Make, client_of: ClientOf,
) -> None:  # fmt: skip
    remembered(as_alice, source, ASKED)
    assert questions(Principal(Membership.objects.get(organization=acme, user=bob)), ASKED) == [ASKED]
    path = "/api/v1/conversations/similar"
    found = client_of(bob).get(path, {"question": ASKED, "data_source": source.name}).json()["results"]
    assert [(one["question"], one["asked_by"]) for one in found] == [(ASKED, "alice@acme.example")]
    assert client_of(charlie).get(path, {"question": ASKED}).json()["results"] == []
    assert client_of(charlie).get(path, {"question": ASKED, "data_source": str(source.pk)}).status_code == 400


def test_who_sees_less_finds_nothing_of_what_was_read_beyond_it(
    as_alice: Principal, source: DataSource, acme: Organization, bob: User, remembered: Make
) -> None:
    remembered(as_alice, source, ASKED)
    AccessPolicy.objects.create(organization=acme, data_source=source, role=Role.VIEWER, tables={"only": ["products"]})
    assert questions(Principal(Membership.objects.get(organization=acme, user=bob)), ASKED) == []
    assert questions(as_alice, ASKED) == [ASKED]
