"""A clarification in the contract's shape."""

from typing import Any

from apps.clarification.choosing import Ask
from apps.clarification.models import Clarification, ClarificationQuestion
from apps.clarification.previews import Preview


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


def asked_json(ask: Ask, name: str) -> dict[str, Any]:
    """A question in the contract's shape before anybody was asked it."""
    return {
        "id": name,
        "field": ask.field,
        "question": ask.question,
        "why": ask.why,
        "multiple": False,
        "allow_text": True,
        "default": "o1",
        "options": options_json(ask),
    }


def options_json(ask: Ask) -> list[dict[str, Any]]:
    return [
        {
            "id": f"o{position}",
            "label": option.label,
            "meaning": option.meaning,
            "preview": option.preview and preview_json(option.preview),
        }
        for position, option in enumerate(ask.options, start=1)
    ]


def preview_json(preview: Preview) -> dict[str, Any]:
    return {"columns": list(preview.columns), "rows": [list(row) for row in preview.rows]}
