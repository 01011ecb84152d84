"""One plain call to a model, with all that its endpoint said about it. No retries, no record. No Django here.

Apart from the client of questions, as a test asks for what that client would not: a schema where the model is said to
take none, tools, and pieces.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.llm.errors import ModelTimeout
from apps.llm.exchange import FAILURES, Message, ask_once
from apps.llm.failures import failure_of
from apps.llm.spec import ModelSpec


@dataclass(frozen=True)
class Heard:
    """What came back: words, or the `arguments` of a function; `pieces` is in how many parts.

    Tokens are None where the endpoint counts none.
    """

    text: str
    arguments: str
    pieces: int
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


def probe(
    model: ModelSpec, messages: Sequence[Message], *, seconds: float, stream: bool = False, **fields: Any
) -> Heard:
    """Ask once, for pieces if `stream`; `fields` go into the request as they are. Raises ModelError."""
    started = time.monotonic()
    if seconds <= 0:
        raise ModelTimeout("There was no time left to ask the model.")
    try:
        words = ask_once(replace(model, streams=stream), messages, seconds=seconds, fields=fields)
    except FAILURES as error:
        raise failure_of(error).error from error
    text, arguments = ("", words.text) if words.is_function else (words.text, "")
    took = time.monotonic() - started
    return Heard(text, arguments, words.pieces, words.prompt_tokens, words.completion_tokens, took)


def is_object_with(text: str, name: str) -> bool:
    """True if the text is a JSON object and nothing else, with a value of that name."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and name in value
