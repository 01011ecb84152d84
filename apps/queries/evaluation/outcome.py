"""What an engine made of one question, and how it compares with the known answer."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    ANSWERED = "answered"
    ASKED = "asked"
    DECLINED = "declined"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """`correct` judges the best reading whatever the status; None where the answer is not known.

    `published` is the same by the published rule to the letter, `by_ties` says that it is right as one of several
    results that the known SQL may bring. `readings_found` says for an ambiguous question whether every one of its
    readings was proposed. `kind` is the triage's word for the question. `run` counts from 1.
    """

    id: str
    db_id: str
    status: Status
    sql: str = ""
    readings: tuple[str, ...] = ()
    confidence: float = 0.0
    correct: bool | None = None
    reason: str = ""
    difficulty: str = "unknown"
    ambiguous: bool = False
    readings_found: bool | None = None
    kind: str | None = None
    expected_kind: str | None = None
    milliseconds: float = 0.0
    unexplained: tuple[str, ...] = field(default_factory=tuple)
    question: str = ""
    question_class: str = ""
    run: int = 1
    published: bool | None = None
    by_ties: bool = False
    cost_usd: Decimal = Decimal(0)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def record(self) -> dict[str, object]:
        """One line of the `--json` file."""
        return {
            "id": self.id, "status": str(self.status), "sql": self.sql, "readings": list(self.readings),
            "asked": self.status is Status.ASKED, "confidence": round(self.confidence, 4), "correct": self.correct,
            "ms": round(self.milliseconds, 2), "reason": self.reason, "difficulty": self.difficulty,
            "unexplained": list(self.unexplained), "question": self.question, "class": self.question_class,
            "run": self.run, "cost_usd": str(self.cost_usd), **({"kind": self.kind} if self.kind else {}),
        }  # fmt: skip
