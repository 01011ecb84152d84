"""An organization's texts as vectors: kept sealed by text and model; where they are not, asked for on its account."""

import base64
import time
from array import array
from collections.abc import Sequence

import structlog
from django.conf import settings

from apps.accounts.models import Measure
from apps.accounts.quotas import Payer, charge_afterwards, require_room
from apps.common.errors import AppError
from apps.common.ids import uuid7
from apps.llm.calls import CallOutcome
from apps.llm.embedding import MOST_TEXTS, Vector, embed
from apps.llm.errors import ModelError
from apps.llm.models import ModelCall
from apps.llm.registry import embedding_model
from apps.llm.spec import ModelSpec
from apps.monitoring.caches import SealedCache
from apps.monitoring.metrics import MODEL_CALLS, MODEL_SECONDS, MODEL_TOKENS

log = structlog.get_logger(__name__)
CACHE = SealedCache("embeddings")
PURPOSE = "embedding"


def vectors_of(texts: Sequence[str], payer: Payer) -> list[Vector] | None:
    """A vector for each text, in order; None where no model of that kind is configured, or it cannot be used now.

    At most 128 texts that are not kept yet are asked for at a time, in one call of `EMBEDDING_TIMEOUT_SECONDS`.
    """
    model = embedding_model()
    if model is None:
        return None
    known = {text: vector for text in set(texts) if (vector := _kept(text, model, payer)) is not None}
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        try:
            require_room(payer, (Measure.TOKENS, Measure.COST))
            known |= _asked(missing[:MOST_TEXTS], model, payer)
        except AppError as error:
            log.warning("embedding_failed", code=error.error_code)
            return None
    return [known[text] for text in texts] if all(text in known for text in texts) else None


def _asked(texts: Sequence[str], model: ModelSpec, payer: Payer) -> dict[str, Vector]:
    """New vectors, kept and charged. Raises ModelError."""
    started = time.monotonic()
    try:
        found = embed(model, texts, seconds=settings.PARLEY.embedding_timeout_seconds)
    except ModelError as error:
        _record(model, payer, error.outcome, 0, time.monotonic() - started)
        raise
    _record(model, payer, CallOutcome.OK, found.tokens, time.monotonic() - started)
    for text, vector in zip(texts, found.vectors, strict=True):
        packed = base64.b64encode(array("f", vector).tobytes()).decode()
        seconds = settings.PARLEY.embedding_cache_seconds
        CACHE.put(payer.organization, _depends_on(text, model), packed, seconds=seconds)
    return dict(zip(texts, found.vectors, strict=True))


def _kept(text: str, model: ModelSpec, payer: Payer) -> Vector | None:
    packed = CACHE.get(payer.organization, _depends_on(text, model))
    if packed is None:
        return None
    values = array("f")
    values.frombytes(base64.b64decode(packed))
    return tuple(values)


def _depends_on(text: str, model: ModelSpec) -> list[str | None]:
    return [model.base_url, model.endpoint_name, text]


def _record(model: ModelSpec, payer: Payer, outcome: CallOutcome, tokens: int, seconds: float) -> None:
    cost = model.cost(prompt_tokens=tokens, completion_tokens=0)
    MODEL_CALLS.labels(model.key, outcome).inc()
    MODEL_SECONDS.labels(model.key).observe(seconds)
    MODEL_TOKENS.labels(model.key, "prompt").inc(tokens)
    ModelCall.objects.create(
        organization=payer.organization, purpose=PURPOSE, model=model.key, outcome=outcome, prompt_tokens=tokens,
        cost_usd=cost, duration_ms=round(seconds * 1000),
    )  # fmt: skip
    reference = f"{PURPOSE}:{uuid7()}"
    charge_afterwards(payer, Measure.TOKENS, tokens, reference=reference)
    charge_afterwards(payer, Measure.COST, cost, reference=reference)
