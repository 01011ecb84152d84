"""A clarification in the contract's shape."""

from typing import Any

from apps.clarification.models import Clarification, ClarificationQuestion


def clarification_json(clarification: Clarification, query_id: object) -> dict[str, Any]:
    """The clarification with the questions of its current turn; once it is closed, with all that were asked."""
    questions = clarification.questions.all()
    shown = [one for one in questions if one.turn == clarification.turn] if clarification.is_open else questions
    return {
        "id": str(clarification.pk),
        "query": str(query_id),
        "status": clarification.status,
        "turn": clarification.turn,
        "max_turns": clarification.max_turns,
        "expires_at": clarification.expires_at.isoformat(),
        "questions": [question_json(one) for one in shown],
    }


def question_json(question: ClarificationQuestion) -> dict[str, Any]:
    return {
        "id": question.name,
        "field": question.field,
        "question": question.question,
        "why": question.why,
        "multiple": question.multiple,
        "allow_text": question.allow_text,
        "default": question.default,
        "options": question.options,
        "answer": answer_json(question),
    }


def answer_json(question: ClarificationQuestion) -> dict[str, Any] | None:
    """What was answered and what it was taken for; None where nobody did."""
    if question.answered_at is None:
        return None
    return {
        "option_id": question.chosen_option or None,
        "text": question.answer_text or None,
        "understood_as": question.understood_as,
        "rewording": question.rewording or None,
    }
