"""A row of Acme's for each kind of id in the API's addresses, for tests that try to reach it from elsewhere."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from sqlglot import parse_one

from apps.accounts.models import Invitation, Measure, Membership, Period, Quota, Role, Subject, User
from apps.accounts.services import create_api_key
from apps.clarification.choosing import Ask, Option
from apps.clarification.models import Rule, RuleState
from apps.clarification.readings import ChoiceField, Reading
from apps.clarification.services import open_clarification
from apps.datasources.models import DataSource
from apps.knowledge.models import GlossaryTerm, VerifiedQuery
from apps.queries.feedback.models import FeedbackState, Verdict
from apps.queries.models import Conversation, Evaluation, Feedback, Query, Run, Status


def make_row(operation: str, source: DataSource, alice: User) -> Any:
    """The id of a row of Acme's that this operation's address names. A kind that is not known fails the test."""
    kind = operation.split("/api/v1/")[1].split("/")[0]
    return MAKERS[kind](source, alice).pk


def _query(source: DataSource, alice: User) -> Query:
    query: Query = Query.objects.create(
        organization=source.organization, user=alice, data_source=source, question="How many?", status=Status.ANSWERED
    )
    query.last_run = Run.objects.create(organization=source.organization, query=query, number=1, sql="SELECT 1")
    query.save()
    return query


def _clarification(source: DataSource, alice: User) -> Any:
    readings = tuple(Reading(parse_one(f"SELECT {number}"), 0.5) for number in (1, 2))
    options = (Option("One", "1", None), Option("Two", "2", None))
    asked = Ask(ChoiceField.ENTITY, "entries", "Which?", "Two fit.", options, readings)
    query = _query(source, alice)
    query.clarification = open_clarification(organization=source.organization, user=alice, ask=asked, dialect="sqlite")
    query.status = Status.NEEDS_CLARIFICATION
    query.save()
    return query.clarification


def _conversation(source: DataSource, alice: User) -> Conversation:
    conversation: Conversation = Conversation.objects.create(
        organization=source.organization, user=alice, data_source=source, title="How many?"
    )
    return conversation


def _invitation(source: DataSource, alice: User) -> Invitation:
    invitation: Invitation = Invitation.objects.create(
        organization=source.organization, email="new@acme.example", role=Role.VIEWER,
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return invitation


def _quota(source: DataSource, alice: User) -> Quota:
    quota: Quota = Quota.objects.create(
        organization=source.organization, subject=Subject.EACH_MEMBER, limit=1,
        measure=Measure.QUESTIONS, period=Period.DAY,
    )  # fmt: skip
    return quota


def _verified_query(source: DataSource, alice: User) -> VerifiedQuery:
    verified: VerifiedQuery = VerifiedQuery.objects.create(
        organization=source.organization, data_source=source, author=alice, question="How many?", sql="SELECT 1",
        reads={},
    )  # fmt: skip
    return verified


def _evaluation(source: DataSource, alice: User) -> Evaluation:
    evaluation: Evaluation = Evaluation.objects.create(
        organization=source.organization, data_source=source, user=alice, engine="builtin", threshold=0.5,
        may_ask=True, questions=1, schema_version=source.schema_version,
    )  # fmt: skip
    return evaluation


def _member(source: DataSource, alice: User) -> Membership:
    member: Membership = Membership.objects.for_org(source.organization).exclude(user=alice).get()
    return member


def _term(source: DataSource, alice: User) -> GlossaryTerm:
    term: GlossaryTerm = GlossaryTerm.objects.create(organization=source.organization, data_source=source, term="whale")
    return term


def _feedback(source: DataSource, alice: User) -> Feedback:
    feedback: Feedback = Feedback.objects.create(
        organization=source.organization, query=_query(source, alice), person=alice, verdict=Verdict.DOWN,
        state=FeedbackState.OPEN,
    )  # fmt: skip
    return feedback


def _rule(source: DataSource, alice: User) -> Rule:
    rule: Rule = Rule.objects.create(
        organization=source.organization, data_source=source, person=alice, author=alice, field=ChoiceField.METRIC,
        phrase="revenue", label="Invoiced", state=RuleState.PROPOSED, reads={},
    )  # fmt: skip
    return rule


MAKERS: Mapping[str, Callable[[DataSource, User], Any]] = {
    "api-keys": lambda source, alice: create_api_key(
        membership=Membership.objects.get(organization=source.organization, user=alice), name="key"
    )[0],
    "clarifications": _clarification,
    "feedback": _feedback,
    "conversations": _conversation,
    "glossary": _term,
    "data-sources": lambda source, _: source,
    "evaluations": _evaluation,
    "invitations": _invitation,
    "members": _member,
    "organizations": lambda source, _: source.organization,
    "queries": _query,
    "quotas": _quota,
    "rules": _rule,
    "verified-queries": _verified_query,
}
