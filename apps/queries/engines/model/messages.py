"""The messages that open a conversation with a model about one question, fitted to its window."""

from collections.abc import Sequence
from dataclasses import replace

from apps.knowledge.values import ValueMatch
from apps.llm.errors import ModelRefused
from apps.llm.exchange import Message
from apps.llm.tokens import bounded_tokens
from apps.queries.context import Context, Turn
from apps.queries.engines.model.learned_text import choices_text, examples_text, glossary_text
from apps.queries.engines.model.relevance import tables_by_relevance, values_named
from apps.queries.engines.model.schema_text import schema_text
from apps.queries.prompts import prompt
from apps.queries.prompts.quoting import quoted

ANSWER_SHARE = 4  # a quarter of the window stays free for the answer and a correction
LEAST_SCHEMA_TOKENS = 60
LONGEST_QUESTION = 20_000
LONGEST_SQL = 2_000
LONGEST_ASSUMPTION, MOST_ASSUMPTIONS = 200, 5


def opening_messages(context: Context, *, window_tokens: int) -> list[Message]:
    """The rules, then the question with all that bears on it; the oldest of the conversation is left out first.

    Raises: ModelRefused where they do not fit the window.
    """
    rules = prompt("readings").text
    values = values_named(context)
    parts = {
        "today": context.today.isoformat(),
        "dialect": context.schema.dialect,
        "values": _values_text(values) or "(none)",
        "conversation": _conversation_text(context.history) or "(none)",
        "question": quoted(context.question, longest=LONGEST_QUESTION),
    }
    parts |= {"glossary": "", "verified": "", "choices": ""}
    fixed = bounded_tokens(rules + prompt("question").filled(schema="", **parts))
    room = window_tokens - window_tokens // ANSWER_SHARE - fixed
    if room < LEAST_SCHEMA_TOKENS and context.history:
        return opening_messages(replace(context, history=context.history[1:]), window_tokens=window_tokens)
    learned = _learned_parts(context, room)
    parts |= learned
    room -= bounded_tokens("".join(learned.values()))
    if room < LEAST_SCHEMA_TOKENS:
        raise ModelRefused("The question is too long for the model's window.")
    schema = schema_text(context.schema, tables_by_relevance(context, values), most_tokens=room)
    return [
        {"role": "system", "content": rules},
        {"role": "user", "content": prompt("question").filled(schema=schema, **parts)},
    ]


def _learned_parts(context: Context, room: int) -> dict[str, str]:
    """What people taught, in a share of the room: the schema needs most of it."""
    return {
        "glossary": glossary_text(context, room=room),
        "verified": examples_text(context.examples, room=room),
        "choices": choices_text(context.question, context.rules, room=room),
    }


def _values_text(values: Sequence[ValueMatch]) -> str:
    return "\n".join(f"{quoted(one.table)}.{quoted(one.column)} holds {quoted(one.value)}" for one in values)


def _conversation_text(history: Sequence[Turn]) -> str:
    return "\n".join(_turn_text(turn) for turn in history)


def _turn_text(turn: Turn) -> str:
    """What was asked, the SQL that answered it, and what was chosen or assumed; or that it was not answered."""
    asked = f"asked: {quoted(turn.question, longest=LONGEST_SQL)}"
    if not turn.sql:
        return f"{asked} not answered"
    text = f"{asked} answered by: {quoted(turn.sql, longest=LONGEST_SQL)}"
    stated = [quoted(one, longest=LONGEST_ASSUMPTION) for one in turn.assumptions[:MOST_ASSUMPTIONS]]
    return f"{text} taking for granted: {', '.join(stated)}" if stated else text
