"""The part of a query's page where people say what they think of the answer."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.knowledge.models import VerifiedQuery
from apps.queries.feedback.models import Feedback
from apps.queries.models import Query
from tests.queries.feedback.test_api import RIGHT, SCRIPT, query

__all__ = ["query"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice: User, query: Query) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_a_click_is_taken_and_shown(page: Client, query: Query) -> None:
    address = f"/queries/{query.pk}"
    assert b"Is this right?" in page.get(address).content
    part = page.post(f"{address}/feedback", {"verdict": "up"}).content.decode()
    assert part.lstrip().startswith('<section id="feedback"')
    assert "You said yes" in part
    assert "You said yes" in page.get(address).content.decode()


def test_a_form_that_was_not_touched_corrects_nothing(page: Client, query: Query) -> None:
    form = {"verdict": "down", "corrected_question": query.question, "corrected_sql": "SELECT count(*) FROM orders"}
    page.post(f"/queries/{query.pk}/feedback", {**form, "text": SCRIPT})
    assert not VerifiedQuery.objects.exists()
    text = page.get(f"/queries/{query.pk}").content.decode()
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text
    page.post(f"/queries/{query.pk}/feedback", {**form, "corrected_sql": RIGHT})
    assert VerifiedQuery.objects.get().sql == RIGHT


def test_what_is_wrong_with_a_correction_is_said(page: Client, query: Query) -> None:
    address = f"/queries/{query.pk}/feedback"
    assert (
        'role="alert"' in page.post(address, {"verdict": "down", "corrected_sql": "DROP TABLE orders"}).content.decode()
    )
    assert "verdict" in page.post(address, {"verdict": "sideways"}).content.decode()
    assert not Feedback.objects.exists()


def test_bob_sees_no_form_to_correct_and_charlie_no_query(
    page: Client, query: Query, bob: User, charlie: User, globex_source: object
) -> None:
    page.force_login(bob)
    text = page.get(f"/queries/{query.pk}").content.decode()
    assert "Is this right?" in text
    assert "corrected_sql" not in text
    assert page.post(f"/queries/{query.pk}/feedback", {"verdict": "down", "corrected_sql": RIGHT}).status_code == 403
    page.force_login(charlie)
    assert page.post(f"/queries/{query.pk}/feedback", {"verdict": "up"}).status_code == 404
    assert not Feedback.objects.exists()
