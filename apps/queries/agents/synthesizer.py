"""The synthesizer: rows in a sentence. Every number in it is filled in or found by code; what is neither is left out."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from apps.clarification.previews import shown
from apps.datasources.results import ResultSet
from apps.llm.personal_data import Hidden
from apps.llm.privacy import PrivacyLevel
from apps.queries.agents.desk import ModelDesk
from apps.queries.agents.planner import LONGEST_QUESTION, NOTHING
from apps.queries.engines.model.answer import line
from apps.queries.prompts.quoting import quoted
from apps.queries.prose import Facts, HonestText, filled_template, honest

LONGEST_ANSWER = 1_200
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 30, 20, 100
NOT_SHOWN = "(not shown to you)"
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
    sql: str
    privacy: PrivacyLevel

    @property
    def facts(self) -> Facts:
        """What a text may speak of beside the rows."""
        return Facts((self.question, self.description, *self.assumptions), self.sql)


def ask_synthesizer(desk: ModelDesk, told: Told, result: ResultSet, *, seconds: float) -> HonestText:
    """The model's sentences, as far as each can be held against the rows. Raises ModelError."""
    hide = desk.names.hide_known
    made = desk.ask(
        SentenceMade, desk.models.implementation, "synthesis", seconds=seconds,
        description=quoted(hide(told.description)) if told.description else NOTHING,
        assumptions="\n".join(quoted(hide(one)) for one in told.assumptions) or NOTHING,
        task=quoted(hide(told.task)) if told.task else NOTHING,
        columns="\n".join(f"{quoted(hide(one.name))} {one.type.value}" for one in result.columns[:MOST_COLUMNS]),
        rows=_rows_text(desk, told, result),
        question=quoted(hide(told.question), longest=LONGEST_QUESTION),
    )  # fmt: skip
    return checked_sentences(desk.said_again(made.answer), told, result)


def checked_sentences(text: str, told: Told, result: ResultSet) -> HonestText:
    """The sentences of a model that code stands for: references filled in, numbers found, no markup, no link."""
    if any(mark in text.casefold() for mark in MARKUP):
        return HonestText("", (text,), honest("", result).findings)
    if "{{" in text or not told.privacy.shows_rows:
        return filled_template(text, result, told.facts)
    return honest(text, result, told.facts)


def _rows_text(desk: ModelDesk, told: Told, result: ResultSet) -> str:
    """How many rows there are, and where the level allows it the first of them, personal data hidden."""
    count = f"{result.row_count} rows{', cut off there' if result.truncated else ''}"
    if not told.privacy.shows_rows:
        return f"{count} {NOT_SHOWN}"
    kinds = [desk.kind_of(column.name) for column in result.columns[:MOST_COLUMNS]]
    lines = [
        " | ".join(_cell(desk, value, kind) for value, kind in zip(row, kinds, strict=False))
        for row in result.rows[:MOST_ROWS]
    ]
    more = f"\n({result.row_count - MOST_ROWS} further rows are not shown)" if result.row_count > MOST_ROWS else ""
    return f"{count}\n" + "\n".join(lines) + more


def _cell(desk: ModelDesk, value: Any, kind: Hidden | None) -> str:
    text = shown(value)[:LONGEST_CELL]
    if kind is not None and text:
        return desk.names.hide(text, kind)
    return quoted(desk.names.hide_forms(text))
