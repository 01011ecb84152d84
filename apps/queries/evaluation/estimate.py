"""What an evaluation with a model will cost, before any of it is spent: an estimate from a sample of its prompts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from apps.llm.errors import ModelError
from apps.llm.spec import ModelsByRole
from apps.queries.context import Context
from apps.queries.engines.model.budget import smallest_window
from apps.queries.engines.model.messages import opening_messages

SAMPLE = 20
COMPLETION_TOKENS = 400  # about what readings with their assumptions take


@dataclass(frozen=True)
class Estimate:
    """Tokens and US dollars of all questions together; corrections and repairs come on top of it."""

    questions: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal

    def as_json(self) -> dict[str, object]:
        return {
            "questions": self.questions, "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens, "cost_usd": f"{self.cost_usd:.4f}",
        }  # fmt: skip

    def __str__(self) -> str:
        tokens = f"{self.prompt_tokens:,} prompt and {self.completion_tokens:,} completion tokens"
        return f"About {tokens} for {self.questions:,} questions: {self.cost_usd:.2f} USD at the registry's prices."


def estimate(contexts: Iterable[Context], questions: int, models: ModelsByRole) -> Estimate:
    """The cost of so many questions, of which the first of `contexts` are a sample."""
    window = smallest_window(models)
    counted = [_prompt_tokens(one, window) for one in islice(contexts, SAMPLE)]
    prompt = round(sum(counted) / len(counted) * questions) if counted else 0
    completion = COMPLETION_TOKENS * questions
    cost = models.reasoning.cost(prompt_tokens=prompt, completion_tokens=completion)
    return Estimate(questions, prompt, completion, cost)


def _prompt_tokens(context: Context, window: int) -> int:
    """At most so many; a question that does not fit the window is never sent."""
    try:
        return opening_messages(context, window_tokens=window).budget.prompt_tokens
    except ModelError:
        return 0
