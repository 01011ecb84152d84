"""How often the built-in engine asks, and finds every reading, by kind of ambiguity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.queries.engines.builtin import THRESHOLD, propose_readings
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.outcome import Outcome, Status
from apps.queries.evaluation.runner import Evaluator

from .corpus import KINDS, Case, Corpus, write_folder


@dataclass(frozen=True)
class Measured:
    """One case with what came of it."""

    case: Case
    outcome: Outcome

    @property
    def is_as_wished(self) -> bool:
        """Asked with every reading proposed, or answered right."""
        if self.case.is_ambiguous:
            return self.outcome.status is Status.ASKED and bool(self.outcome.readings_found)
        return self.outcome.status is Status.ANSWERED and bool(self.outcome.correct)


def measure(corpora: Sequence[Corpus], folder: Path) -> list[Measured]:
    """Ask every question; `folder` is where the databases are made."""
    write_folder(list(corpora), folder)
    cases = {case.id: case for corpus in corpora for case in corpus.cases}
    evaluator = Evaluator(open_folder(folder), lambda context, _: propose_readings(context), THRESHOLD)
    examples = list(open_folder(folder).examples())
    return [Measured(cases[one.id], one) for one in evaluator.outcomes(examples)]


def share(rows: Sequence[Measured], status: Status | None = None, *, found: bool = False) -> float:
    """The part of some cases that ended so, or whose readings were all proposed; 0 of none."""
    hits = sum(bool(one.outcome.readings_found) if found else one.outcome.status is status for one in rows)
    return hits / len(rows) if rows else 0.0


def table(rows: Sequence[Measured]) -> Iterator[str]:
    """A line a kind: of the ambiguous asked and found, of the clear asked, answered and right."""
    for kind in (*KINDS, "all"):
        chosen = [one for one in rows if kind in ("all", one.case.kind)]
        ambiguous = [one for one in chosen if one.case.is_ambiguous]
        clear = [one for one in chosen if not one.case.is_ambiguous]
        right = sum(one.is_as_wished for one in clear) / len(clear) if clear else 0.0
        yield (
            f"{kind:<11} ambiguous {len(ambiguous):3}: asked {share(ambiguous, Status.ASKED):.2f},"
            f" found {share(ambiguous, found=True):.2f}; clear {len(clear):3}: asked {share(clear, Status.ASKED):.2f},"
            f" answered {share(clear, Status.ANSWERED):.2f}, answered right {right:.2f}"
        )
