"""One HTTP exchange with a model's endpoint: request out, what the model said and the tokens back. No Django here."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, cast

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from apps.llm.connections import client_of
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.spec import ModelSpec
from apps.llm.tokens import bounded_tokens

LONGEST_ANSWER_BYTES = 4 * 1024 * 1024
CONNECT_SECONDS = 10
MOST_TOKENS = 1_000_000_000
TIMEOUTS = (TimeoutError, httpx2.TimeoutException)
FAILURES = (openai.APIError, httpx2.TransportError, *TIMEOUTS)


class Message(TypedDict):
    """One message of a conversation with a model."""

    role: str
    content: str


@dataclass(frozen=True)
class Said:
    """What the model said, and the tokens that the endpoint counted; our bound where it counted none."""

    text: str
    prompt_tokens: int
    completion_tokens: int


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Message(_Lenient):
    content: str | None = None


class _Choice(_Lenient):
    message: _Message


class _Usage(_Lenient):
    prompt_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)
    completion_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)


class _Completion(_Lenient):
    """What we need of a chat completion; compatible endpoints differ in all the rest."""

    choices: list[_Choice]
    usage: Annotated[_Usage, BeforeValidator(lambda given: given or {})] = Field(default_factory=_Usage)


def exchange(
    model: ModelSpec,
    messages: Sequence[Message],
    *,
    seconds: float,
    correlation_id: str,
    response_format: dict[str, Any] | None,
) -> Said:
    """Ask once, for at most so many seconds in all, however slowly the answer drips.

    Raises: one of FAILURES; ModelAnswerUnusable for a body that is no completion.
    """
    ends_at = time.monotonic() + seconds
    extra: dict[str, Any] = {"response_format": response_format} if response_format else {}
    create = client_of(model).chat.completions.with_streaming_response.create
    with create(
        model=model.endpoint_name,
        messages=cast("list[ChatCompletionMessageParam]", list(messages)),
        timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        extra_headers={"X-Request-ID": correlation_id} if correlation_id else None,
        **extra,
    ) as response:
        body = _read(response.iter_bytes(), ends_at)
    return _understood(body, messages)


def _read(chunks: Iterator[bytes], ends_at: float) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            raise ModelAnswerUnusable("The model's answer is longer than any that could be used.")
        if time.monotonic() > ends_at:
            raise TimeoutError
    return bytes(body)


def _understood(body: bytes, messages: Sequence[Message]) -> Said:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError as error:
        raise ModelAnswerUnusable("The model's endpoint did not answer with a chat completion.") from error
    if not completion.choices:
        raise ModelAnswerUnusable("The model's endpoint did not answer with a chat completion.")
    choice = completion.choices[0]
    text = choice.message.content or ""
    return Said(
        text,
        _counted_or(completion.usage.prompt_tokens, sum(bounded_tokens(message["content"]) for message in messages)),
        _counted_or(completion.usage.completion_tokens, bounded_tokens(text)),
    )


def _counted_or(counted: int | None, bound: int) -> int:
    return bound if counted is None else counted
