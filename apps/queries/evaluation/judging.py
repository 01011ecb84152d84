"""Whether what an engine proposed is right: its rows against those of the known SQL. No Django here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.clarification.choosing import Probed
from apps.common.errors import AppError

from .compare import Comparison, Row, compare, compare_ranked, matches_as_published
from .database import Database
from .deciding import Decision
from .folder import Example
from .ordering import is_ordered, ranking_of
from .outcome import Outcome

UNDECIDED = ("values", "order")  # differences that ties may explain


@dataclass(frozen=True)
class Verdict:
    """The comparison with the known SQL that fits best; `published` is the published rule's word on it."""

    comparison: Comparison
    published: bool


def judged(outcome: Outcome, example: Example, decision: Decision, database: Database) -> Outcome:
    """The outcome with what is right of it; as it is where the answer is not known."""
    if not example.gold_ok or not example.gold:
        return outcome
    accepted = example.gold
    if example.ambiguous:
        accepted = (*example.gold, *example.alternatives)
        outcome = replace(outcome, readings_found=_all_found(example, decision, database))
    verdict = _verdict(decision.best, accepted, database)
    return replace(
        outcome, correct=verdict.comparison.same, reason=verdict.comparison.reason, published=verdict.published,
        by_ties=verdict.comparison.by_ties,
    )  # fmt: skip


def _all_found(example: Example, decision: Decision, database: Database) -> bool:
    """Whether each reading of an ambiguous question was proposed."""
    others = [(text,) for text in example.alternatives]
    meant = [example.gold, *others] if others else [(text,) for text in example.gold]
    proposed = [one for one in decision.probed if one.result is not None]
    return all(any(_verdict(one, texts, database).comparison.same for one in proposed) for texts in meant)


def _verdict(proposed: Probed | None, accepted: Sequence[str], database: Database) -> Verdict:
    """The verdict on a reading against each acceptable SQL: the first that it agrees with, else the first."""
    if proposed is None or proposed.result is None:
        return Verdict(Comparison(False, "fails" if proposed else "no reading"), False)
    rows, verdicts = list(proposed.result.rows), []
    for text in accepted:
        try:
            gold = database.known_rows(text)
        except AppError:
            continue
        verdicts.append(Verdict(compare_with_known(rows, gold, text, database), matches_as_published(rows, gold, text)))
    if not verdicts:
        return Verdict(Comparison(False, "gold fails"), False)
    best = next((one for one in verdicts if one.comparison.same), verdicts[0])
    if proposed.result.truncated and not best.comparison.same:
        best = Verdict(Comparison(False, "too many rows"), False)
    return Verdict(best.comparison, any(one.published for one in verdicts))


def compare_with_known(rows: Sequence[Row], gold: Sequence[Row], sql: str, database: Database) -> Comparison:
    """Compare with the rows that the known SQL brought; where they differ, once more with its ties seen."""
    dialect = database.schema.dialect
    plain = compare(rows, gold, ordered=is_ordered(sql, dialect))
    ranking = ranking_of(sql, dialect) if plain.reason in UNDECIDED else None
    if ranking is None:
        return plain
    try:
        everything = database.known_rows(ranking.sql)
    except AppError:  # more rows than can be compared, or a key that cannot be selected
        return plain
    return Comparison(True, by_ties=True) if compare_ranked(rows, ranking.ranked(everything)) else plain
