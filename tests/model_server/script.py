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

    `content` is what the model says (`json` the same as an object), `body` replaces the whole body of the response.
    `when` limits the reply to requests whose messages contain that text; such replies are looked at first and never
    used up. `times` is how many requests the reply serves. `embeds` answers requests for embeddings with a vector of
    each text's words, so that texts that share words are alike.
    """

    content: str = ""
    json: Any = None
    body: str | None = None
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
    hang: bool = False
    cut: bool = False
    refuses_schema: bool = False
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
            return json.dumps({"error": {"message": "as the script says", "type": "replayed", "code": None}})
        said = self.content if self.json is None else json.dumps(self.json)
        message = {"role": "assistant", "content": said}
        completion = {
            "id": "replayed",
            "object": "chat.completion",
            "created": 0,
            "model": "replayed",
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
        }
        if not self.without_usage:
            completion["usage"] = {
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
            }
        return json.dumps(completion)


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
