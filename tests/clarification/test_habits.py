"""What was chosen before: one's own counts whole, others' a quarter, other organizations' and sources' not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from sqlglot import parse_one

from apps.accounts.models import Organization, User
from apps.clarification.choosing import Ask, Option
from apps.clarification.habits import habits_at
from apps.clarification.models import ClarificationQuestion
from apps.clarification.readings import ChoiceField, Reading
from apps.clarification.services import open_clarification
from apps.datasources.models import DataSource
from apps.queries.models import Query

pytestmark = pytest.mark.django_db
REVENUE = (ChoiceField.METRIC, "revenue")


def chose(source: DataSource, user: User, label: str, phrase: str = "revenue", days_ago: int = 0) -> None:
    options = (Option("Invoiced", "", None), Option("Received", "", None))
    ask = Ask(ChoiceField.METRIC, phrase, "Which?", "Two fit.", options, (Reading(parse_one("SELECT 1"), 0.5),))
    made = open_clarification(organization=source.organization, user=user, ask=ask, dialect="sqlite")
    Query.objects.create(
        organization=source.organization, user=user, data_source=source, question="?", clarification=made
    )
    ClarificationQuestion.objects.filter(clarification=made).update(
        chosen_label=label, answered_at=timezone.now() - timedelta(days=days_ago)
    )


def habits(source: DataSource, user: User, *points: Any) -> dict[Any, Any]:
    return dict(habits_at(set(points) or {REVENUE}, organization=source.organization, user=user, source=source))


def test_own_choices_count_whole_and_others_a_quarter(source: DataSource, alice: User, bob: User) -> None:
    for user, label in ((alice, "Invoiced"), (alice, "Invoiced"), (bob, "Invoiced"), (bob, "Received")):
        chose(source, user, label)
    assert habits(source, alice) == {REVENUE: {"Invoiced": 2.25, "Received": 0.25}}
    assert habits(source, bob) == {REVENUE: {"Invoiced": 1.5, "Received": 1.0}}


def test_nothing_else_counts(
    source: DataSource, globex_source: DataSource, alice: User, charlie: User, acme: Organization
) -> None:
    chose(globex_source, charlie, "Received")
    chose(source, alice, "Received", phrase="profit")
    chose(source, alice, "")
    chose(source, alice, "Received", days_ago=400)
    assert habits(source, alice) == {}
    assert habits(source, alice, (ChoiceField.DIMENSION, "profit")) == {}


def test_many_choices_weigh_no_more_than_a_few(source: DataSource, alice: User) -> None:
    for _ in range(8):
        chose(source, alice, "Received")
    assert habits(source, alice) == {REVENUE: {"Received": 5.0}}
