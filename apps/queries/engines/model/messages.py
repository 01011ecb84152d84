"""The messages that open a conversation with a model about one question, fitted to its window."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.llm.errors import ModelRefused
from apps.llm.exchange import Message
from apps.llm.pseudonyms import Pseudonyms
from apps.llm.tokens import bounded_tokens
from apps.queries.context import Context
from apps.queries.engines.model.budget import ANSWER_SHARE, Budget, Count, Entry, Section, fitted
from apps.queries.engines.model.hiding import pseudonyms_for
from apps.queries.engines.model.learned_text import choice_entries, example_entries, glossary_entries
from apps.queries.engines.model.relevance import tables_by_relevance, values_named
from apps.queries.engines.model.schema_text import schema_section
from apps.queries.engines.model.told_text import (
    LONGEST_QUESTION,
    failed_entries,
    task_entries,
    turn_entries,
    value_entries,
)
from apps.queries.prompts import prompt
from apps.queries.prompts.dialects import dialect_notes
from apps.queries.prompts.quoting import quoted

LEAST_SCHEMA_TOKENS = 60
# Values come last: by then all placeholders are given out.
SECTIONS: tuple[tuple[str, str, Callable[[Context, Pseudonyms], list[Entry]]], ...] = (
    ("task", "tasks", task_entries),
    ("conversation", "earlier questions", turn_entries),
    ("failed", "attempts", failed_entries),
    ("verified", "verified questions", example_entries),
    ("glossary", "terms", glossary_entries),
    ("choices", "choices", choice_entries),
    ("values", "values", value_entries),
)


@dataclass(frozen=True)
class Opening:
    """The rules and the question with all that bears on it; what that came to; what hides its values."""

    messages: list[Message]
    budget: Budget
    names: Pseudonyms


def opening_messages(
    context: Context, *, window_tokens: int, names: Pseudonyms | None = None, count: Count = bounded_tokens
) -> Opening:
    """What a model is told, within three quarters of its window. What there is no room for is said to be left out.

    `names` are the query's, where other agents ask models for it too; `count` tells how many tokens a text has.

    Raises: ModelRefused where the question does not fit the window.
    """
    names = names or pseudonyms_for(context)
    rules = "\n\n".join([prompt("readings").text, dialect_notes(context.schema.dialect)]).strip()
    parts = {
        "today": context.today.isoformat(),
        "dialect": context.schema.dialect,
        "question": quoted(names.hide_known(context.question), longest=LONGEST_QUESTION),
    }
    empty = dict.fromkeys((name for name, _, _ in SECTIONS), "")
    fixed = count(rules) + count(prompt("question").filled(schema="", **parts, **empty))
    room = window_tokens - window_tokens // ANSWER_SHARE - fixed
    sections = [fitted(name, entries(context, names), room=room, count=count, what=what)
                for name, what, entries in SECTIONS]  # fmt: skip
    return _Draft(context, names, rules, parts, tuple(sections), window_tokens, count).with_schema(
        room - sum(one.tokens for one in sections)
    )


@dataclass(frozen=True)
class _Draft:
    """All but the schema, which gets what the others leave."""

    context: Context
    names: Pseudonyms
    rules: str
    parts: Mapping[str, str]
    sections: tuple[Section, ...]
    window_tokens: int
    count: Count

    def with_schema(self, room: int) -> Opening:
        """The whole; a tokenizer that counts it higher than its parts makes the schema smaller."""
        most = self.window_tokens - self.window_tokens // ANSWER_SHARE
        parts = {**self.parts, **{one.name: one.text for one in self.sections}}
        ranked = tables_by_relevance(self.context, values_named(self.context))
        while room >= LEAST_SCHEMA_TOKENS:
            schema = schema_section(self.context, ranked, self.names, most_tokens=room, count=self.count)
            asked = prompt("question").filled(schema=schema.text, **parts)
            tokens = self.count(self.rules) + self.count(asked)
            if tokens <= most:
                messages: list[Message] = [
                    {"role": "system", "content": self.rules},
                    {"role": "user", "content": asked},
                ]
                return Opening(messages, Budget(self.window_tokens, tokens, (schema, *self.sections)), self.names)
            room = min(room - 1, room * most // tokens)
        raise ModelRefused("The question is too long for the model's window.")
