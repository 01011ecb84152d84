"""Writes on clarifications: open, ask on, answer, dismiss, expire."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from apps.accounts.models import Organization, User
from apps.clarification.choosing import Ask
from apps.clarification.models import Clarification, ClarificationQuestion, ClarificationStatus
from apps.clarification.stored import to_json
from apps.common.errors import Conflict, InvalidInput
from apps.monitoring.metrics import CLARIFICATIONS

MOST_CHARACTERS = 500  # of an answer in own words
TEXT_MATCH = 80  # rapidfuzz's WRatio, 0 to 100, from which typed text counts as an option


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
        options=[
            {
                "id": f"o{position}",
                "label": option.label,
                "meaning": option.meaning,
                "preview": option.preview
                and {"columns": list(option.preview.columns), "rows": [list(row) for row in option.preview.rows]},
            }
            for position, option in enumerate(ask.options, start=1)
        ],
    )


@transaction.atomic
def answer_clarification(clarification: Clarification, answers: Sequence[Mapping[str, Any]]) -> Clarification:
    """Record checked answers to all questions of the open turn.

    Raises: Conflict if it is no longer open, InvalidInput naming the answer at fault.
    """
    clarification = _locked(clarification)
    asked = {one.name: one for one in clarification.questions.all() if one.turn == clarification.turn}
    given = {str(answer["question_id"]): answer for answer in answers}
    if len(given) < len(answers):
        raise _wrong("question_id", "A question is answered more than once.")
    if unknown := set(given) - set(asked):
        raise _wrong("question_id", f"There is no open question {sorted(unknown)[0]!r}.")
    if missing := set(asked) - set(given):
        raise _wrong("answers", f"Question {sorted(missing)[0]!r} is not answered.")
    for name, question in asked.items():
        _record_answer(question, given[name])
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
    if not row.is_open:
        raise Conflict(f"This clarification is {row.status}; it takes no more answers.", code="clarification_closed")
    return row


def _close(clarification: Clarification, status: ClarificationStatus) -> None:
    clarification.status = status
    clarification.closed_at = timezone.now()
    clarification.save(update_fields=["status", "closed_at"])
    CLARIFICATIONS.labels(status).inc()


def _record_answer(question: ClarificationQuestion, answer: Mapping[str, Any]) -> None:
    known = {option["id"] for option in question.options}
    chosen, text = answer.get("option_id"), answer.get("text") or ""
    if len(text) > MOST_CHARACTERS or "\x00" in text:
        raise _wrong("text", f"At most {MOST_CHARACTERS} characters, none of them null.")
    if chosen is None and not text:
        raise _wrong("option_id", f"Question {question.name!r} needs an option_id or a text.")
    if chosen is None:
        chosen = _option_meant(question, text)
    if chosen not in known:
        raise _wrong("option_id", f"Question {question.name!r} has no option {chosen!r}; it has {sorted(known)}.")
    question.chosen_option, question.answer_text, question.answered_at = chosen, text, timezone.now()
    question.save(update_fields=["chosen_option", "answer_text", "answered_at"])


def _option_meant(question: ClarificationQuestion, text: str) -> str:
    """The option that typed words mean. Raises InvalidInput where they fit none."""
    if not question.allow_text:
        raise _wrong("text", f"Question {question.name!r} takes no text; choose an option.")
    words = {option["id"]: f"{option['label']} {option['meaning']}" for option in question.options}
    labels = {option["id"]: option["label"] for option in question.options}
    for candidates in (labels, words):
        found = process.extractOne(text, candidates, scorer=fuzz.WRatio, processor=default_process)
        if found and found[1] >= TEXT_MATCH:
            return str(found[2])
    offered = ", ".join(f"{option['id']} ({option['label']})" for option in question.options)
    raise _wrong("text", f"I could not match this to an option of {question.name!r}: {offered}.")


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, details={field: [message]})
