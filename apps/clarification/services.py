"""Writes on clarifications: open, ask on, answer, dismiss, expire."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.clarification.answers import Answer
from apps.clarification.choosing import Ask
from apps.clarification.models import Clarification, ClarificationQuestion, ClarificationStatus
from apps.clarification.presentation import options_json
from apps.clarification.stored import to_json
from apps.common.errors import Conflict
from apps.monitoring.metrics import CLARIFICATION_QUESTIONS, CLARIFICATION_SECONDS, CLARIFICATION_TURNS, CLARIFICATIONS


def open_clarification(*, organization: Organization, user: User | None, ask: Ask, dialect: str) -> Clarification:
    """A new clarification with its first question."""
    clarification = Clarification.objects.create(
        organization=organization,
        asked_of=user,
        max_turns=settings.PARLEY.clarification_max_turns,
        expires_at=timezone.now() + timedelta(hours=settings.PARLEY.clarification_expires_hours),
        readings=to_json(ask.readings, dialect),
    )
    _add_question(clarification, ask)
    CLARIFICATIONS.labels("asked").inc()
    return clarification


def ask_on(clarification: Clarification, ask: Ask, dialect: str) -> Clarification:
    """The next turn of a clarification whose last answer left more than one reading."""
    clarification.turn += 1
    clarification.status = ClarificationStatus.OPEN
    clarification.closed_at = None
    clarification.readings = to_json(ask.readings, dialect)
    clarification.expires_at = timezone.now() + timedelta(hours=settings.PARLEY.clarification_expires_hours)
    clarification.save()
    _add_question(clarification, ask)
    return clarification


def _add_question(clarification: Clarification, ask: Ask) -> None:
    number = clarification.questions.count() + 1
    CLARIFICATION_QUESTIONS.labels(ask.field).inc()
    ClarificationQuestion.objects.create(
        organization=clarification.organization,
        clarification=clarification,
        turn=clarification.turn,
        name=f"q{number}",
        field=ask.field,
        phrase=ask.phrase,
        question=ask.question,
        why=ask.why,
        default="o1",
        options=options_json(ask),
    )


@transaction.atomic
def answer_clarification(clarification: Clarification, answers: Sequence[Answer]) -> Clarification:
    """Record answers that were checked and understood. Raises Conflict if the clarification takes none any more."""
    turn = clarification.turn
    clarification = _locked(clarification)
    if clarification.turn != turn:
        raise Conflict("This clarification has gone on to another question.", code="clarification_closed")
    now = timezone.now()
    for answer in answers:
        question = answer.question
        question.chosen_option, question.chosen_label = answer.option, answer.label
        question.answer_text, question.rewording = answer.text, answer.rewording
        question.understood_as, question.answered_at = answer.understood_as, now
        question.save()
    _close(clarification, ClarificationStatus.ANSWERED)
    return clarification


@transaction.atomic
def dismiss_clarification(clarification: Clarification) -> Clarification:
    """Go on with the stated assumptions. Raises Conflict if it is no longer open."""
    clarification = _locked(clarification)
    _close(clarification, ClarificationStatus.DISMISSED)
    return clarification


@transaction.atomic
def expire_clarification(clarification: Clarification) -> Clarification:
    """Nobody answered in time: go on with the stated assumptions. Raises Conflict if it is no longer open."""
    clarification = _locked(clarification)
    _close(clarification, ClarificationStatus.EXPIRED)
    return clarification


def cancel_clarification(clarification: Clarification) -> None:
    """The query was cancelled, so nothing is waited for."""
    with transaction.atomic():
        _close(_locked(clarification), ClarificationStatus.CANCELLED)


def _locked(clarification: Clarification) -> Clarification:
    rows = Clarification.objects.for_org(clarification.organization).select_for_update()
    row: Clarification = rows.get(pk=clarification.pk)
    require_open(row)
    return row


def require_open(clarification: Clarification) -> None:
    """Raises Conflict if it takes no more answers."""
    if not clarification.is_open:
        message = f"This clarification is {clarification.status}; it takes no more answers."
        raise Conflict(message, code="clarification_closed")


def _close(clarification: Clarification, status: ClarificationStatus) -> None:
    clarification.status = status
    clarification.closed_at = timezone.now()
    clarification.save(update_fields=["status", "closed_at"])
    CLARIFICATIONS.labels(status).inc()
    CLARIFICATION_TURNS.labels(status).observe(clarification.turn)
    asked_at = max(one.created_at for one in clarification.questions.all())
    CLARIFICATION_SECONDS.labels(status).observe((clarification.closed_at - asked_at).total_seconds())
