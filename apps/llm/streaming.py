"""An answer that comes piece by piece, as server-sent events: whole or an error, never a part. No Django here."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from apps.llm.completions import LONGEST_ANSWER, NO_COMPLETION, TOO_LONG, Message, Usage, Words, joined
from apps.llm.errors import ModelAnswerUnusable

DATA = b"data:"
END = b"[DONE]"


class StreamBroken(Exception):
    """The stream ended before the answer did."""


class StreamFailed(Exception):
    """The endpoint told of an error in the middle of its answer."""


class _Choice(BaseModel):
    model_config = ConfigDict(extra="ignore")

    delta: Annotated[Message, BeforeValidator(lambda given: given or {})] = Field(default_factory=Message)
    finish_reason: str | None = None


class _Piece(BaseModel):
    model_config = ConfigDict(extra="ignore")

    choices: list[_Choice] = []
    usage: Usage | None = None
    error: Any = None


def words_streamed(chunks: Iterable[bytes]) -> Words:
    """The answer that the chunks of a body make up.

    It is whole once the endpoint says so, by a finish reason or by its last event. Raises: StreamBroken, StreamFailed,
    ModelAnswerUnusable for events that are no pieces of a completion.
    """
    messages: list[Message] = []
    length, finish_reason, usage, is_whole = 0, None, Usage(), False
    for event in _events(chunks):
        if event == END:
            is_whole = True
            break
        piece = _piece(event)
        usage = piece.usage or usage
        for choice in piece.choices[:1]:
            messages.append(choice.delta)
            length += len(choice.delta.content or "") + len(choice.delta.arguments)
            if length > LONGEST_ANSWER:
                raise ModelAnswerUnusable(TOO_LONG)
            finish_reason = choice.finish_reason or finish_reason
    if not (is_whole or finish_reason):
        raise StreamBroken
    return joined(messages, finish_reason, usage)


def _piece(event: bytes) -> _Piece:
    try:
        piece = _Piece.model_validate_json(event)
    except ValidationError as error:
        raise ModelAnswerUnusable(NO_COMPLETION) from error
    if piece.error is not None:
        raise StreamFailed
    return piece


def _events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event; comments, which keep a connection alive, and other fields are passed over."""
    for line in _lines(chunks):
        if line.startswith(DATA) and (data := line[len(DATA) :].strip()):
            yield data


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines; what stands behind the last line break was cut off."""
    rest = bytearray()
    for chunk in chunks:
        rest += chunk
        if b"\n" in chunk:  # a long line in many pieces is not looked through for each of them
            *lines, rest = rest.split(b"\n")
            yield from (bytes(line) for line in lines)
