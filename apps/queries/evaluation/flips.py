"""What became different between two evaluations of the same questions. No Django here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

UNSTEADY = "unsteady"


@dataclass(frozen=True)
class Fate:
    """One question's outcome in one run of an evaluation; `correct` is None where the right answer is not known."""

    id: str
    question: str
    status: str
    correct: bool | None
    reason: str = ""
    sql: str = ""

    @property
    def word(self) -> str:
        """The outcome in two words: "answered right", "declined wrong" (what it would have answered is wrong)."""
        return self.status if self.correct is None else f"{self.status} {'right' if self.correct else 'wrong'}"


@dataclass(frozen=True)
class Flip:
    """A question whose outcome is another one now. `before` and `after` are words of `Fate`, or `unsteady`."""

    id: str
    question: str
    before: str
    after: str
    sql_before: str
    sql_after: str

    @property
    def kind(self) -> str:
        return f"{self.before} → {self.after}"


@dataclass(frozen=True)
class Difference:
    """Two evaluations compared on the questions that both put; how many only one of them put is told beside it."""

    compared: int
    flips: tuple[Flip, ...]
    only_before: int
    only_after: int

    @property
    def by_kind(self) -> Mapping[str, int]:
        """How often each kind of flip occurs, the most frequent first."""
        return dict(Counter(one.kind for one in self.flips).most_common())


def difference(before: Iterable[Fate], after: Iterable[Fate]) -> Difference:
    """The flips in the order of the earlier evaluation. Several runs of a question count as one where they agree."""
    earlier, later = _by_question(before), _by_question(after)
    shared = [name for name in earlier if name in later]
    pairs = [(earlier[name], later[name]) for name in shared]
    flips = tuple(_flip(one, other) for one, other in pairs if _word(one) != _word(other))
    return Difference(len(shared), flips, len(earlier) - len(shared), len(later) - len(shared))


def _by_question(fates: Iterable[Fate]) -> dict[str, list[Fate]]:
    found: dict[str, list[Fate]] = {}
    for one in fates:
        found.setdefault(one.id, []).append(one)
    return found


def _word(runs: Sequence[Fate]) -> str:
    words = {one.word for one in runs}
    return words.pop() if len(words) == 1 else UNSTEADY


def _flip(before: Sequence[Fate], after: Sequence[Fate]) -> Flip:
    first, last = before[0], after[0]
    return Flip(last.id, last.question or first.question, _word(before), _word(after), first.sql, last.sql)
