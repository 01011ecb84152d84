"""Claims that a name is the most or the least, held against the rows. Where words leave it open, no verdict."""

import re
from collections.abc import Iterator
from decimal import Decimal

from apps.queries.prose.findings import RankClaim
from apps.queries.prose.operations import HIGH, LOW
from apps.queries.prose.sentences import Named, Sentence
from apps.queries.prose.tables import Measure, Table

_SECOND = re.compile(
    r"\b(?:second|third|fourth|fifth|two|three|four|five|top \d+|among|one of|\d+(?:st|nd|rd|th)|not|at (?:most|least)|"
    r"next|than|compared|nearly|almost)\b",
    re.IGNORECASE,
)


def rank_claims(sentence: Sentence, table: Table) -> Iterator[RankClaim]:
    """A claim for the name beside a superlative, where the sentence has one of each and nothing that shifts it."""
    is_high, is_low = sentence.has(HIGH), sentence.has(LOW)
    if is_high == is_low or not sentence.named or _SECOND.search(sentence.bare):
        return
    named = _beside(sentence)
    if named is None or len(named.rows) != 1:
        return
    [row] = named.rows
    measures = sentence.measures or (table.measures if len(table.measures) == 1 else ())
    verdicts = [_is_extreme(measure, row, high=is_high) for measure in measures]
    holds = None if table.truncated or not verdicts else any(verdicts)
    yield RankClaim(sentence.text.strip(), named.text, holds)


def _beside(sentence: Sentence) -> Named | None:
    """The only name of the superlative's clause."""
    match = HIGH.search(sentence.bare) or LOW.search(sentence.bare)
    assert match is not None
    start, end = sentence.clause_at(match.start())
    here = [one for one in sentence.named if start <= one.span[0] < end]
    if not here and len(sentence.named) == 1:
        here = list(sentence.named)
    return here[0] if len(here) == 1 else None


def _is_extreme(measure: Measure, row: int, *, high: bool) -> bool:
    cell = measure.cells[row]
    if cell is None:
        return False
    ends: Decimal = max(measure.present) if high else min(measure.present)
    return cell == ends
