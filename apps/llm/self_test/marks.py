"""What a self-test found. No Django here."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Mark:
    """One thing looked at: did it go well, in words how, and is it needed: an ability that nobody claims is not."""

    name: str
    passed: bool
    said: str
    needed: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Grade:
    """How a model did: its marks, what to change in its description, and what the test itself took.

    `median_ms` is that of one call, None where none was answered. Tokens that the endpoint did not count are bounded.
    """

    model: str
    marks: tuple[Mark, ...]
    advice: tuple[str, ...] = ()
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = field(default=Decimal(0))
    median_ms: int | None = None
    tokens_per_second: float | None = None

    @property
    def passed(self) -> int:
        return sum(mark.passed for mark in self.marks)

    @property
    def is_well(self) -> bool:
        """True if all went well that is needed."""
        return all(mark.passed or not mark.needed for mark in self.marks)

    def lines(self) -> list[str]:
        """The whole in words, for a terminal."""
        tokens = f"{self.prompt_tokens} tokens sent, {self.completion_tokens} answered"
        return [
            f"{self.model}: {self.passed} of {len(self.marks)}",
            *(f"  {'yes' if mark.passed else 'NO '}  {mark.name}: {mark.said}" for mark in self.marks),
            *(f"  advice: {one}" for one in self.advice),
            f"  {self.calls} calls, {tokens}, {self.cost_usd.normalize():f} USD at its prices",
        ]
