"""What was found about each number of a text."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Support(StrEnum):
    """What a number rests on."""

    ROWS = "rows"
    DERIVED = "derived"
    FACT = "fact"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class NumberFound:
    """A number as it stands in the text at `span`. `how` says in words where it was found, or what derives it."""

    text: str
    span: tuple[int, int]
    value: Decimal
    support: Support
    how: str


@dataclass(frozen=True)
class RankClaim:
    """A label that the text says is the most or the least; `holds` is None where the rows cannot tell."""

    text: str
    label: str
    holds: bool | None


@dataclass(frozen=True)
class Checked:
    """A text with a finding for every number in it, and for claims of rank."""

    text: str
    numbers: tuple[NumberFound, ...]
    ranks: tuple[RankClaim, ...] = ()

    @property
    def is_honest(self) -> bool:
        """Is every number supported, and no claim of rank wrong?"""
        return all(one.support != Support.UNSUPPORTED for one in self.numbers) and all(
            one.holds is not False for one in self.ranks
        )


@dataclass(frozen=True)
class HonestText:
    """What may be shown: `text` without the sentences in `dropped`; `findings` cover the whole text as written."""

    text: str
    dropped: tuple[str, ...]
    findings: Checked
