"""One plain call to a model, with all that its endpoint said about it. No retries, no record. No Django here.

Apart from the client of questions, as a test asks for what that client would not: a schema where the model is said to
take none, tools, and pieces.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from apps.llm.completions import MOST_TOKENS
from apps.llm.connections import client_of
from apps.llm.deadlines import network_until
from apps.llm.errors import ModelAnswerUnusable, ModelTimeout
from apps.llm.exchange import CONNECT_SECONDS, FAILURES, LONGEST_ANSWER_BYTES, Message
from apps.llm.failures import failure_of
from apps.llm.spec import ModelSpec


@dataclass(frozen=True)
class Heard:
    """What came back. `arguments` are those of the first function called, `pieces` in how many parts the text came.

    Tokens are None where the endpoint counts none.
    """

    text: str
    arguments: str
    pieces: int
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Function(_Lenient):
    arguments: str | None = None


class _ToolCall(_Lenient):
    function: _Function = Field(default_factory=_Function)


class _Message(_Lenient):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(_Lenient):
    message: _Message | None = None
    delta: _Message | None = None

    @property
    def said(self) -> _Message:
        return self.message or self.delta or _Message()


class _Usage(_Lenient):
    prompt_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)
    completion_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)


class _Part(_Lenient):
    """A completion, or one piece of it."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None


def probe(model: ModelSpec, messages: Sequence[Message], *, seconds: float, **extra: Any) -> Heard:
    """Ask once. `extra` goes into the request as it is: response_format, tools, stream. Raises ModelError."""
    started = time.monotonic()
    if seconds <= 0:
        raise ModelTimeout("There was no time left to ask the model.")
    create = client_of(model).chat.completions.with_streaming_response.create
    try:
        with (
            network_until(started + seconds),
            create(
                model=model.endpoint_name,
                messages=cast("list[ChatCompletionMessageParam]", list(messages)),
                timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
                **extra,
            ) as response,
        ):
            body = _read(response.iter_bytes(), started + seconds)
    except FAILURES as error:
        raise failure_of(error).error from error
    return _heard(_parts(body), time.monotonic() - started)


def _read(chunks: Iterator[bytes], ends_at: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            raise ModelAnswerUnusable("The model's answer is longer than any that could be used.")
        if time.monotonic() > ends_at:
            raise TimeoutError
    return bytes(body)


def _parts(body: bytes) -> list[_Part]:
    """The pieces of a completion, which come as lines of server-sent events, or the completion whole."""
    events = [line[5:].strip() for line in body.split(b"\n") if line.startswith(b"data:")]
    lines = events or [body]
    try:
        return [_Part.model_validate_json(line) for line in lines if line != b"[DONE]"]
    except ValidationError as error:
        raise ModelAnswerUnusable("The model's endpoint did not answer with a chat completion.") from error


def _heard(parts: Sequence[_Part], seconds: float) -> Heard:
    said = [part.choices[0].said for part in parts if part.choices]
    if not said:
        raise ModelAnswerUnusable("The model's endpoint did not answer with a chat completion.")
    usage = next((part.usage for part in reversed(parts) if part.usage), _Usage())
    calls = [call.function.arguments or "" for one in said for call in (one.tool_calls or [])]
    texts = [one.content for one in said if one.content]
    return Heard("".join(texts), "".join(calls), len(texts), usage.prompt_tokens, usage.completion_tokens, seconds)


def is_object_with(text: str, name: str) -> bool:
    """True if the text is a JSON object and nothing else, with a value of that name."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and name in value
