"""The forty questions, with everything that each may mean."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path

QUESTIONS = Path(__file__).resolve().parents[2] / "tests" / "clarification" / "sample_questions.toml"


@dataclass(frozen=True)
class Question:
    """`readings` are SQL of everything it may mean; a clear one has no `field` and no `phrase`."""

    text: str
    readings: tuple[str, ...]
    field: str = ""
    phrase: str = ""

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.field)


def read_questions(path: Path = QUESTIONS) -> tuple[list[Question], dt.date]:
    """The questions of the file, ambiguous ones first, and the day that they are asked on."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    ambiguous = [
        Question(one["question"], tuple(one["readings"]), one["field"], one["phrase"]) for one in content["ambiguous"]
    ]
    return [*ambiguous, *(Question(one["question"], (one["sql"],)) for one in content["clear"])], content["today"]
