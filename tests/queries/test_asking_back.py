"""A clarification and its query are written together, whatever happens at that moment."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection, transaction
from sqlglot import parse_one

from apps.accounts.models import Organization, User
from apps.clarification.choosing import Ask, Option
from apps.clarification.models import Clarification, ClarificationStatus
from apps.clarification.readings import ChoiceField, Reading
from apps.clarification.services import open_clarification
from apps.common.errors import Conflict, InvalidInput
from apps.datasources.models import DataSource
from apps.queries import services
from apps.queries.models import Query, Status
from apps.queries.recording import recorded_run
from apps.queries.work.leases import LeaseLost, take_lease

pytestmark = pytest.mark.django_db(transaction=True)
ASK = Ask(
    ChoiceField.METRIC, "revenue", "Which revenue do you mean?", "Two readings fit.",
    (Option("Invoiced", "sum of amount", None), Option("Received", "sum of paid", None)),
    (Reading(parse_one("SELECT 1"), 0.5),),
)  # fmt: skip


@pytest.fixture
def query(acme: Organization, alice: User, source: DataSource) -> Query:
    made: Query = Query.objects.create(organization=acme, user=alice, data_source=source, question="Revenue?")
    return made


def asked(query: Query) -> Clarification:
    return open_clarification(organization=query.organization, user=query.user, ask=ASK, dialect="sqlite")


def cancel_and_ask(taken: Query) -> None:
    with recorded_run(taken) as recorder:
        services.cancel_query(taken)
        recorder.wait_for(lambda: asked(taken))


@pytest.fixture
def waiting(query: Query) -> Query:
    """A query that waits for its clarification."""
    taken = take_lease(query.organization, query.pk)
    assert taken is not None
    with recorded_run(taken) as recorder:
        recorder.wait_for(lambda: asked(taken))
    return Query.objects.select_related("clarification__organization").get()


def test_a_query_cancelled_meanwhile_leaves_no_clarification_behind(query: Query) -> None:
    taken = take_lease(query.organization, query.pk)
    assert taken is not None
    with pytest.raises(LeaseLost):
        cancel_and_ask(taken)
    assert Query.objects.get().status == Status.CANCELLED
    assert not Clarification.objects.exists()


def test_an_answer_and_a_cancellation_at_once_do_not_block_each_other(waiting: Query) -> None:
    """Both lock the query first; in opposite orders, PostgreSQL would have to kill one of them."""
    clarification: Any = waiting.clarification
    trouble: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Conflict:
            pass
        except BaseException as error:
            trouble.append(error)
        finally:
            connection.close()

    answering = threading.Thread(
        target=copy_context().run,  # with the test's scope of rows
        args=(
            run,
            lambda: services.answer_and_go_on(clarification, [{"question_id": "q1", "option_id": "o1"}]),
        ),
    )
    with transaction.atomic():
        Query.objects.select_for_update().get()  # as cancelling begins
        answering.start()
        answering.join(timeout=0.5)
        assert answering.is_alive()
        services.cancel_query(waiting)
    answering.join(timeout=10)
    assert not trouble
    assert Query.objects.get().status == Status.CANCELLED
    assert Clarification.objects.get().status == ClarificationStatus.CANCELLED


def test_only_one_of_many_answers_counts(waiting: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Query] = []
    monkeypatch.setattr(services, "ring", rung.append)
    clarification: Any = waiting.clarification
    services.answer_and_go_on(clarification, [{"question_id": "q1", "option_id": "o2"}])
    with pytest.raises(Conflict):
        services.answer_and_go_on(clarification, [{"question_id": "q1", "option_id": "o1"}])
    with pytest.raises(Conflict):
        services.dismiss_and_go_on(clarification)
    assert len(rung) == 1
    assert clarification.questions.get().chosen_option == "o2"


@pytest.mark.parametrize("text", ["Invoiced\x00", "Invoiced " * 100, "something else entirely", ""])
def test_words_that_cannot_be_an_answer_are_refused(waiting: Query, text: str) -> None:
    clarification: Any = waiting.clarification
    with pytest.raises(InvalidInput):
        services.answer_and_go_on(clarification, [{"question_id": "q1", "text": text}])
    assert Query.objects.get().status == Status.NEEDS_CLARIFICATION


def test_two_answers_to_one_question_are_refused(waiting: Query) -> None:
    clarification: Any = waiting.clarification
    with pytest.raises(InvalidInput):
        services.answer_and_go_on(
            clarification, [{"question_id": "q1", "option_id": option} for option in ("o1", "o2")]
        )
    assert Query.objects.get().status == Status.NEEDS_CLARIFICATION
