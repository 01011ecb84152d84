"""What we need of a chat completion, whole or piece by piece; endpoints differ in all the rest. No Django here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from apps.llm.errors import ModelAnswerUnusable

MOST_TOKENS = 1_000_000_000
CUT_BY_LENGTH = "length"
LONGEST_ANSWER = 1024 * 1024
TOO_LONG = "The model's answer is longer than any that could be used."
NO_COMPLETION = "The model's endpoint did not answer with a chat completion."


@dataclass(frozen=True)
class Words:
    """The text of an answer, whether it ran into the limit of its length, and the tokens where they were counted.

    `is_function` says that it is the arguments of a function, `pieces` in how many parts it came.
    """

    text: str
    is_cut: bool
    prompt_tokens: int | None
    completion_tokens: int | None
    is_function: bool = False
    pieces: int = 1


def _joined_parts(value: Any) -> Any:
    """Content given as a list of parts is the text of them."""
    if not isinstance(value, list):
        return value
    texts = [part.get("text") if isinstance(part, dict) else part for part in value]
    return "".join(text for text in texts if isinstance(text, str))


def _as_text(value: Any) -> Any:
    """Arguments are JSON in a string; some endpoints give the object itself."""
    return json.dumps(value) if isinstance(value, dict) else value


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Function(_Lenient):
    arguments: Annotated[str | None, BeforeValidator(_as_text)] = None


class _ToolCall(_Lenient):
    index: int = 0
    function: _Function = Field(default_factory=_Function)


class Message(_Lenient):
    """A message, or a piece of one. What a model thought is no part of its answer and is not read."""

    content: Annotated[str | None, BeforeValidator(_joined_parts)] = None
    tool_calls: list[_ToolCall] | None = None
    refusal: str | None = None

    @property
    def arguments(self) -> str:
        """Those of the first function called: no more than one is ever offered."""
        calls = [call for call in self.tool_calls or () if call.index == 0]
        return "".join(call.function.arguments or "" for call in calls[:1])


class _Choice(_Lenient):
    message: Message
    finish_reason: str | None = None


class Usage(_Lenient):
    """Tokens as the endpoint counted them."""

    prompt_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)
    completion_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)


class _Completion(_Lenient):
    choices: list[_Choice]
    usage: Annotated[Usage, BeforeValidator(lambda given: given or {})] = Field(default_factory=Usage)


def words_of(body: bytes) -> Words:
    """Read a whole completion. Raises ModelAnswerUnusable for what is none, and where the model declines."""
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError as error:
        raise ModelAnswerUnusable(NO_COMPLETION) from error
    if not completion.choices:
        raise ModelAnswerUnusable(NO_COMPLETION)
    choice = completion.choices[0]
    return joined([choice.message], choice.finish_reason, completion.usage)


def joined(messages: Sequence[Message], finish_reason: str | None, usage: Usage) -> Words:
    """One answer out of its pieces. Raises ModelAnswerUnusable where the model declines."""
    arguments = [message.arguments for message in messages if message.arguments]
    parts = arguments or [message.content for message in messages if message.content]
    text = "".join(parts)
    if not text and any(message.refusal for message in messages):
        raise ModelAnswerUnusable("The model declines to answer.")
    is_cut = finish_reason == CUT_BY_LENGTH
    return Words(text, is_cut, usage.prompt_tokens, usage.completion_tokens, bool(arguments), len(parts))
