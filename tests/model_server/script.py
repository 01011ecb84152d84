"""What the replay server does with each request: a list of replies, taken in order, the last one for ever."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from pathlib import Path
from typing import Any
from zlib import crc32


@dataclass(frozen=True)
class Reply:
    """One answer or fault.

    What is said: `content` (`json` the same as an object), `repeat` times over; as the arguments of the function that
    the request offers with `calls_tool`; `message` replaces the whole message, `body` the whole body, in `encoding`.
    A request with `stream` gets it in pieces.

    When: `when` limits the reply to requests whose messages contain that text; such replies are looked at first and
    never used up. `times` is how many requests the reply serves.

    Faults: `delay_seconds` before the answer; `hold` until the server is told to release; `hang` for ever; `hang_up`
    without a word; `cut` in the middle; `drip_seconds` between bytes, or between pieces of a stream;
    `drip_head_seconds` between bytes of the head; `ends_early`: a stream that ends in order, but before its answer
    does; `without_done`: one whose last event is missing; `fails_midway`: one that tells of an error in the middle;
    `refuses_schema`, `refuses_tools`: 400 to requests with them.

    `embeds` answers requests for embeddings with a vector of each text's words, so that texts that share words are
    alike.
    """

    content: str = ""
    json: Any = None
    message: Mapping[str, Any] | None = None
    body: str | None = None
    encoding: str = "utf-8"
    repeat: int = 1
    calls_tool: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    prompt_tokens: int | None = 100
    completion_tokens: int | None = 20
    without_usage: bool = False
    finish_reason: str = "stop"
    when: str = ""
    times: int = 1
    delay_seconds: float = 0
    drip_seconds: float = 0
    drip_head_seconds: float = 0
    hold: bool = False
    hang: bool = False
    hang_up: bool = False
    cut: bool = False
    ends_early: bool = False
    without_done: bool = False
    fails_midway: bool = False
    refuses_schema: bool = False
    refuses_tools: bool = False
    embeds: bool = False

    def with_embeddings_of(self, texts: Sequence[str]) -> "Reply":
        """The same with one vector for each text as its body."""
        rows = [{"object": "embedding", "index": at, "embedding": word_vector(text)} for at, text in enumerate(texts)]
        usage = {"prompt_tokens": 5 * len(texts), "total_tokens": 5 * len(texts)}
        return replace(self, body=dumps({"object": "list", "data": rows, "model": "replayed", "usage": usage}))

    def text(self) -> str:
        """The body of the HTTP response."""
        if self.body is not None:
            return self.body
        if self.status != 200:
            return dumps({"error": {"message": "as the script says", "type": "replayed", "code": None}})
        choice = {"index": 0, "message": self.spoken(), "finish_reason": self.finish_reason}
        return dumps(self._framed("chat.completion", [choice]))

    def said(self) -> str:
        """The words of the answer."""
        return (self.content if self.json is None else dumps(self.json)) * self.repeat

    def spoken(self) -> dict[str, Any]:
        """The message of the answer."""
        if self.message is not None:
            return {"role": "assistant", **self.message}
        if not self.calls_tool:
            return {"role": "assistant", "content": self.said()}
        call = {"id": "call-1", "type": "function", "function": {"name": "answer", "arguments": self.said()}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}

    def events(self) -> list[bytes]:
        """The same as server-sent events, with a comment between them as keep-alive."""
        pieces = [self._piece(delta) for delta in self._deltas()]
        if self.fails_midway:
            pieces[len(pieces) // 2 :] = [{"error": {"message": "the engine was lost", "code": 500}}]
        elif not self.ends_early:
            pieces.append(self._piece({}, self.finish_reason))
            if not self.without_usage:
                pieces.append({**self._framed("chat.completion.chunk", [])})
        lines = [f"data: {dumps(piece)}\n\n".encode() for piece in pieces]
        lines.insert(1, b": keep-alive\n\n")
        return lines if self.ends_early or self.without_done or self.fails_midway else [*lines, b"data: [DONE]\n\n"]

    def _deltas(self) -> list[dict[str, Any]]:
        said = self.said()
        size = max(7, len(said) // 200)
        parts = [said[at : at + size] for at in range(0, len(said), size)] or [""]
        if self.calls_tool:
            return [{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in parts]
        return [{"role": "assistant", "content": part} for part in parts]

    def _piece(self, delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
        return {"id": "replayed", "object": "chat.completion.chunk", "model": "replayed", "choices": [choice]}

    def _framed(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        framed = {"id": "replayed", "object": kind, "created": 0, "model": "replayed", "choices": choices}
        usage = {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
        return framed if self.without_usage else {**framed, "usage": usage}


def word_vector(text: str, *, dimensions: int = 64) -> list[float]:
    """How often words fall into each of a few bins; a word always falls into the same."""
    bins = Counter(crc32(word.encode()) % dimensions for word in text.lower().split())
    return [float(bins[at]) for at in range(dimensions)]


def read_script(path: Path) -> list[Reply]:
    """The replies of a file: a JSON list of objects with the fields of `Reply`."""
    return replies(json.loads(path.read_text()))


def replies(entries: Sequence[Mapping[str, Any]]) -> list[Reply]:
    """Replies from plain values. Raises TypeError for a field that there is not."""
    return [Reply(**entry) for entry in entries]


class Playing:
    """Which reply comes next."""

    def __init__(self, script: Sequence[Reply]) -> None:
        self._matching = [reply for reply in script if reply.when]
        self._queue = [reply for reply in script if not reply.when for _ in range(reply.times)]

    def next(self, request_text: str) -> Reply:
        """The reply to this request; 500 where the script has none."""
        for reply in self._matching:
            if reply.when in request_text:
                return reply
        if not self._queue:
            return Reply(status=500)
        return self._queue.pop(0) if len(self._queue) > 1 else self._queue[0]
