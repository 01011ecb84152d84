"""A clarification in the contract's shape."""

from typing import Any

from apps.clarification.models import Clarification, ClarificationQuestion


def clarification_json(clarification: Clarification, query_id: object) -> dict[str, Any]:
    """The clarification with the questions of its current turn."""
    return {
        "id": str(clarification.pk),
        "query": str(query_id),
        "status": clarification.status,
        "turn": clarification.turn,
        "max_turns": clarification.max_turns,
        "expires_at": clarification.expires_at.isoformat(),
        "questions": [question_json(one) for one in clarification.questions.all() if one.turn == clarification.turn],
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
    }
