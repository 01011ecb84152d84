"""Does a model answer at all? For `doctor` and the admin site."""

import time

from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.exchange import Said
from apps.llm.retrying import Clock, RetryPolicy
from apps.llm.spec import ModelSpec

TEST_SECONDS = 20


def reach(model: ModelSpec) -> str:
    """One tiny call, without retries; a sentence that says how it went. Raises ModelError where it went wrong."""
    client = ModelClient(
        clock=Clock(time.monotonic() + TEST_SECONDS), record_call=lambda call: None, policy=RetryPolicy(retries=0)
    )
    started = time.monotonic()
    client.ask(model, [{"role": "user", "content": "Answer with the word ok."}], purpose="self_test", accept=_heard)
    return f"{model.key} answered in {(time.monotonic() - started) * 1000:.0f} ms"


def _heard(said: Said) -> str:
    if not said.text.strip():
        raise ModelAnswerUnusable("The model's answer is empty.")
    return said.text
