"""Texts as vectors, by a model of that kind at an OpenAI-compatible endpoint: one exchange, no retries. No Django here.

Nothing waits for them: what they help to find is found by words too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import openai

from apps.llm.connections import client_of
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.exchange import CONNECT_SECONDS, FAILURES
from apps.llm.failures import failure_of
from apps.llm.spec import ModelSpec
from apps.llm.tokens import bounded_tokens

MOST_TEXTS = 128
MOST_DIMENSIONS = 8_192
Vector = tuple[float, ...]


@dataclass(frozen=True)
class Embedded:
    """A vector of length 1 for each text, in order, and the tokens that the endpoint counted; our bound without."""

    vectors: tuple[Vector, ...]
    tokens: int


def embed(model: ModelSpec, texts: Sequence[str], *, seconds: float) -> Embedded:
    """The vectors of at most 128 texts. Raises ModelError, by its kind."""
    if len(texts) > MOST_TEXTS:
        raise ValueError(f"At most {MOST_TEXTS} texts at a time.")
    try:
        answer = client_of(model).embeddings.create(
            model=model.endpoint_name,
            input=list(texts),
            encoding_format="float",
            timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        )
    except FAILURES as error:
        raise failure_of(error).error from error
    except ValueError as error:  # a body that is no JSON
        raise ModelAnswerUnusable("The endpoint did not answer with embeddings.") from error
    rows = sorted(getattr(answer, "data", None) or (), key=lambda row: row.index)
    vectors = tuple(_unit(row.embedding) for row in rows)
    if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) > 1:
        raise ModelAnswerUnusable("The endpoint did not answer with one embedding for each text.")
    counted: int | None = getattr(answer.usage, "prompt_tokens", None)
    return Embedded(vectors, sum(map(bounded_tokens, texts)) if counted is None else counted)


def _unit(values: Sequence[float]) -> Vector:
    """Scaled to length 1, so that likeness is a product."""
    if not values or len(values) > MOST_DIMENSIONS or not all(isinstance(value, int | float) for value in values):
        raise ModelAnswerUnusable("The endpoint's embedding is no vector.")
    length = math.sqrt(sum(value * value for value in values))
    if not math.isfinite(length) or not length:
        raise ModelAnswerUnusable("The endpoint's embedding is no vector.")
    return tuple(value / length for value in values)


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1: 1 for the same direction."""
    return float(sum(map(mul, one, other)))
