"""What an engine may know when it reads a question. Plain values; no Django here."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from apps.clarification.readings import KnownRule
from apps.datasources.schema import Schema
from apps.knowledge.glossary import Term
from apps.knowledge.likeness import Example
from apps.knowledge.values import ValueIndex
from apps.llm.privacy import PrivacyLevel


@dataclass(frozen=True)
class Turn:
    """An earlier question of the same conversation and the SQL that answered it (None where none did).

    `assumptions` are what that answer stated, the meanings chosen in a clarification among them.
    """

    question: str
    sql: str | None
    assumptions: Sequence[str] = ()


@dataclass(frozen=True)
class FailedSql:
    """SQL that was tried for this question, and what the database said of it; its words hold no values."""

    sql: str
    words: str


@dataclass(frozen=True)
class Context:
    """One question with everything that bears on it, already limited to what this person may see.

    `today` is the day that "last year" counts from, in the organization's time zone; its fiscal years begin on the
    first of `fiscal_year_start_month`. `examples` are verified questions like this one, the most alike first; `rules`
    are what was chosen before. `schema.dialect` is the dialect that trees are written in. `privacy` bounds what a model
    is told of the data. `task` is what the planner wants written, `failed` what did not work so far.
    """

    question: str
    schema: Schema
    values: ValueIndex
    today: dt.date
    history: Sequence[Turn] = field(default_factory=tuple)
    glossary: Sequence[Term] = ()
    examples: Sequence[Example] = ()
    rules: Sequence[KnownRule] = ()
    fiscal_year_start_month: int = 1
    privacy: PrivacyLevel = PrivacyLevel.SCHEMA
    task: str = ""
    failed: Sequence[FailedSql] = ()

    def with_words(self, question: str) -> "Context":
        """The same conversation with the last words put otherwise."""
        return replace(self, question=question)

    def with_question(self, question: str) -> "Context":
        """The same for a whole question that leans on nothing before it."""
        return replace(self, question=question, history=())
