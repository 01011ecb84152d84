"""The shape of a model's answer, and the ways of missing it that can be borne."""

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from apps.clarification.readings import ChoiceField

MOST_READINGS = 5
MOST_POINTS = 8
WRAPPERS = ("answer", "result", "response", "output", "data", "query", "json")
SQL_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


def line(longest: int) -> BeforeValidator:
    """Text on one line, cut where it is too long; anything but text is left to be refused."""
    return BeforeValidator(lambda value: _printable(value)[:longest] if isinstance(value, str) else value)


def _printable(text: str) -> str:
    """Without what our database or a terminal cannot take: NUL, halves of characters, escapes."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _known_field(value: Any) -> Any:
    known = isinstance(value, str) and value.lower() in list(ChoiceField)
    return value.lower() if known else ChoiceField.OTHER


def _plain_sql(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    fenced = SQL_FENCE.match(value)
    return (fenced.group(1) if fenced else value).strip().encode("utf-8", "replace").decode()


def _share(value: Any) -> Any:
    """A percentage counts as a share."""
    return value / 100 if isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100 else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ChoiceMade(_Part):
    """One point at which readings differ."""

    field: Annotated[ChoiceField, BeforeValidator(_known_field)] = ChoiceField.OTHER
    phrase: Annotated[str, line(100)]
    label: Annotated[str, line(100)]
    meaning: Annotated[str, line(300)] = ""


class ReadingMade(_Part):
    """One reading as the model gave it: nothing of it is believed yet."""

    sql: Annotated[str, BeforeValidator(_plain_sql), Field(min_length=1)]
    explanation: Annotated[str, line(300)] = ""
    likelihood: Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)] = 1.0
    assumptions: list[Annotated[str, line(300)]] = Field(default_factory=list)
    choices: list[ChoiceMade] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _named_otherwise(cls, value: Any) -> Any:
        """SQL under the name `query` is SQL."""
        if isinstance(value, dict) and "sql" not in value and isinstance(value.get("query"), str):
            return {**value, "sql": value["query"]}
        return value


class Answer(_Part):
    """All readings, or why there is none."""

    cannot_answer: Annotated[str, line(300)] = ""
    readings: list[ReadingMade] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return unwrapped(value)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.readings and not self.cannot_answer:
            raise ValueError("readings: there is none, and cannot_answer does not say why")
        return self


def unwrapped(value: Any) -> Any:
    """The object with `readings`, out of wrappers; a single reading or a bare list of them becomes one."""
    if isinstance(value, list):
        return {"readings": value[:MOST_READINGS]}
    if not isinstance(value, dict):
        return value
    if "readings" in value:
        readings = value["readings"]
        return {**value, "readings": readings[:MOST_READINGS] if isinstance(readings, list) else [readings]}
    if isinstance(value.get("sql"), str) or isinstance(value.get("query"), str):
        return {"readings": [value]}
    inner = next((value[name] for name in WRAPPERS if isinstance(value.get(name), dict | list)), None)
    return value if inner is None else unwrapped(inner)
