"""The synthesizer: rows in a sentence. Every number in it is filled in or found by code, or costs its sentence."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlglot import exp

from apps.datasources.results import ResultSet
from apps.llm.privacy import PrivacyLevel
from apps.queries.agents.desk import ModelDesk
from apps.queries.engines.model.answer import line
from apps.queries.engines.model.budget import NOTHING
from apps.queries.engines.model.hidden_rows import hide_headers, hide_rows
from apps.queries.engines.model.plain_words import is_plain
from apps.queries.engines.model.told_text import LONGEST_QUESTION
from apps.queries.prompts.quoting import quoted
from apps.queries.prose import Facts, HonestText, check, filled_template, honest

LONGEST_ANSWER = 1_200
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 30, 20, 100
NOT_SHOWN = "(not shown to you)"
NOT_PLAIN = "(words with links, markup or rules in them)"  # a record is read by people too
MARKUP = ("](", "![", "http:", "https:", "www.", "`", "<", "javascript:")
WRAPPERS = ("sentence", "text", "response", "output", "result")


class SentenceMade(BaseModel):
    """An answer as the model worded it."""

    model_config = ConfigDict(extra="ignore")

    answer: Annotated[str, line(LONGEST_ANSWER)] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        if isinstance(value, dict) and "answer" not in value:
            said = next((value[name] for name in WRAPPERS if isinstance(value.get(name), str)), None)
            return value if said is None else {"answer": said}
        return value


@dataclass(frozen=True)
class Told:
    """What a sentence is about: the question, what was computed, on what it rests, and what the planner wants said."""

    question: str
    description: str
    assumptions: tuple[str, ...]
    task: str
    tree: exp.Expr
    dialect: str
    privacy: PrivacyLevel

    @property
    def facts(self) -> Facts:
        """What a text may speak of beside the rows."""
        return Facts((self.question, self.description, *self.assumptions), self.tree.sql(dialect=self.dialect))


def ask_synthesizer(desk: ModelDesk, told: Told, result: ResultSet, *, seconds: float) -> HonestText:
    """The model's sentences, as far as each can be held against the rows. Raises ModelError."""
    hide = desk.names.hide_known
    made = desk.ask(
        SentenceMade, desk.models.implementation, "synthesis", seconds=seconds,
        description=quoted(hide(told.description)) if told.description else NOTHING,
        assumptions="\n".join(quoted(hide(one)) for one in told.assumptions) or NOTHING,
        task=quoted(hide(told.task)) if told.task else NOTHING,
        columns="\n".join(_columns(desk, result)),
        rows=_rows_text(desk, told, result),
        question=quoted(hide(told.question), longest=LONGEST_QUESTION),
    )  # fmt: skip
    if not is_plain(made.answer):
        return HonestText("", (NOT_PLAIN,), honest("", result).findings)
    return checked_sentences(desk.said_again(made.answer), told, result)


def checked_sentences(text: str, told: Told, result: ResultSet) -> HonestText:
    """The sentences of a model that code stands for: references filled in, numbers found, no markup, no link."""
    if any(mark in text.casefold() for mark in MARKUP):
        return HonestText("", (text,), honest("", result).findings)
    if "{{" not in text and told.privacy.shows_rows:
        return honest(text, result, told.facts)
    filled = filled_template(text, result, told.facts)
    if any(claim.holds is False for claim in check(filled.text, result, told.facts).ranks):
        return HonestText("", (*filled.dropped, filled.text), filled.findings)
    return filled


def _columns(desk: ModelDesk, result: ResultSet) -> list[str]:
    named = zip(hide_headers(result, desk.names), result.columns, strict=True)
    return [f"{quoted(name)} {column.type.value}" for name, column in named][:MOST_COLUMNS]


def _rows_text(desk: ModelDesk, told: Told, result: ResultSet) -> str:
    """How many rows there are, and where the level allows it the first of them, personal data hidden."""
    count = f"{result.row_count} rows{', cut off there' if result.truncated else ''}"
    if not told.privacy.shows_rows:
        return f"{count} {NOT_SHOWN}"
    rows = hide_rows(result, told.tree, desk.names, privacy=told.privacy, most=MOST_ROWS)
    lines = [" | ".join(quoted(str(value), longest=LONGEST_CELL) for value in row[:MOST_COLUMNS]) for row in rows]
    if result.row_count > len(rows):
        lines.append(f"({result.row_count - len(rows)} further rows are not shown)")
    return "\n".join([count, *lines])
