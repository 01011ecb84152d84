"""One HTTP exchange with a model's endpoint: request out, what the model said and the tokens back. No Django here."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, cast

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from apps.llm.completions import LONGEST_ANSWER, TOO_LONG, Words, words_of
from apps.llm.connections import client_of
from apps.llm.deadlines import network_until
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.spec import ModelSpec
from apps.llm.streaming import StreamBroken, StreamFailed, words_streamed
from apps.llm.tokens import bounded_tokens

LONGEST_STREAM_BYTES = 32 * 1024 * 1024  # each token comes in an event of a few hundred bytes
CONNECT_SECONDS = 10
EVENT_STREAM = "text/event-stream"
TIMEOUTS = (TimeoutError, httpx2.TimeoutException)
FAILURES = (openai.APIError, httpx2.TransportError, StreamBroken, StreamFailed, *TIMEOUTS)


class Message(TypedDict):
    """One message of a conversation with a model."""

    role: str
    content: str


@dataclass(frozen=True)
class Said:
    """What the model said, and the tokens that the endpoint counted; our bound where it counted none.

    `is_cut` says that the answer ran into the limit of its length.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    is_cut: bool = False


def exchange(
    model: ModelSpec,
    messages: Sequence[Message],
    *,
    seconds: float,
    correlation_id: str,
    fields: Mapping[str, Any],
) -> Said:
    """Ask once, for at most so many seconds in all, however slowly the answer drips. `fields` go into the request.

    Raises: one of FAILURES; ModelAnswerUnusable for a body that is no completion.
    """
    return _said(ask_once(model, messages, seconds=seconds, correlation_id=correlation_id, fields=fields), messages)


def ask_once(
    model: ModelSpec,
    messages: Sequence[Message],
    *,
    seconds: float,
    correlation_id: str = "",
    fields: Mapping[str, Any],
) -> Words:
    """The same with what the endpoint itself says of its answer."""
    ends_at = time.monotonic() + seconds
    streaming: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if model.streams else {}
    create = client_of(model).chat.completions.with_streaming_response.create
    with (
        network_until(ends_at),
        create(
            model=model.endpoint_name,
            messages=cast("list[ChatCompletionMessageParam]", list(messages)),
            timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            extra_headers={"X-Request-ID": correlation_id} if correlation_id else None,
            **streaming,
            **fields,
        ) as response,
    ):
        if response.headers.get("content-type", "").startswith(EVENT_STREAM):
            return words_streamed(_bounded(response.iter_bytes(), LONGEST_STREAM_BYTES, ends_at))
        return words_of(b"".join(_bounded(response.iter_bytes(), LONGEST_ANSWER, ends_at)))


def _bounded(chunks: Iterator[bytes], most_bytes: int, ends_at: float) -> Iterator[bytes]:
    """The chunks, as long as they are not too many and come in time."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > most_bytes:
            raise ModelAnswerUnusable(TOO_LONG)
        if time.monotonic() > ends_at:
            raise TimeoutError
        yield chunk


def _said(words: Words, messages: Sequence[Message]) -> Said:
    sent = sum(bounded_tokens(message["content"]) for message in messages)
    return Said(
        words.text,
        _counted_or(words.prompt_tokens, sent),
        _counted_or(words.completion_tokens, bounded_tokens(words.text)),
        words.is_cut,
    )


def _counted_or(counted: int | None, bound: int) -> int:
    return bound if counted is None else counted
