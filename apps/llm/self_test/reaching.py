"""Does a model answer at all? No Django here."""

import time

from apps.llm.embedding import embed
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.self_test.probing import probe
from apps.llm.spec import ModelSpec

TEST_SECONDS = 20


def reach(model: ModelSpec) -> str:
    """One tiny call, without retries; a sentence that says how it went. Raises ModelError where it went wrong."""
    started = time.monotonic()
    if model.only_embeds:
        embed(model, ["ok"], seconds=TEST_SECONDS)
    else:
        heard = probe(model, [{"role": "user", "content": "Answer with the word ok."}], seconds=TEST_SECONDS)
        if not heard.text.strip():
            raise ModelAnswerUnusable("The model's answer is empty.")
    return f"{model.key} answered in {(time.monotonic() - started) * 1000:.0f} ms"
