"""What a sentence's own words allow to be computed from the rows: nothing is tried that no word names."""

import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from apps.queries.prose.sentences import Sentence
from apps.queries.prose.tables import Measure, Table


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


TOTAL = _words(r"totals?|totall?ing|altogether|combined|together|sums?|overall|in all")
MEAN = _words(r"averages?|averaging|mean")
MEDIAN = _words(r"median")
HIGH = _words(
    r"most|highest|largest|biggest|greatest|maximum|max|peak\w*|top|best|leads?|leading|longest|oldest|heaviest"
)
LOW = _words(r"least|fewest|lowest|smallest|minimum|min|bottom|worst|shortest|youngest|lightest")
RANGE = _words(r"rang(?:e|es|ed|ing)|between|from|spread|spans?")
GAP = _words(r"difference|gap|range|spread")
CHANGE = _words(
    r"grew|grow(?:s|n|th|ing)?|rose|ris(?:e|es|en|ing)|increas\w+|gain\w*|up|climb\w+|fell|fall(?:s|en|ing)?|drop\w*|declin\w+|"
    r"decreas\w+|down|shr[aiu]nk\w*|lost|chang\w+"
)
COMPARED = _words(r"more|less|fewer|higher|lower|larger|smaller|ahead|behind|above|below|differ\w*|gap|difference|than")
SHARE = _words(
    r"shares?|of|accounts?|accounting|accounted|makes? up|made up|making up|represent\w*|contribut\w+|comprise\w*"
)
MISSING = _words(r"missing|unknown|empty|null|without")


@dataclass(frozen=True)
class Derived:
    """A value that an operation yields, and how; `role` is what the number must be written as."""

    value: Decimal
    how: str
    role: str = "plain"


def derived_values(sentence: Sentence, table: Table) -> Iterator[Derived]:
    """All that the sentence's words name, over the columns that it names, else over all."""
    for measure in sentence.measures or table.measures:
        yield from _aggregates(sentence, table, measure)
        yield from _comparisons(sentence, table, measure)
        yield from _shares(sentence, table, measure)


def _aggregates(sentence: Sentence, table: Table, measure: Measure) -> Iterator[Derived]:
    """Totals and averages of all rows, or of those that are named; a cut-off result has none of its own."""
    named = _cells(measure, sentence.rows) if len(sentence.named) > 1 else []
    scopes = [(measure.present, "all rows")] if not table.truncated else []
    scopes += [(named, "the rows that are named")] if len(named) > 1 else []
    for cells, over in scopes:
        if sentence.has(TOTAL):
            yield Derived(_exact_sum(cells), f"sum of {measure.name} over {over}")
        if sentence.has(MEAN):
            yield Derived(_ratio(_exact_sum(cells), Decimal(len(cells))), f"mean of {measure.name} over {over}")
        if sentence.has(MEDIAN):
            yield Derived(statistics.median(cells), f"median of {measure.name} over {over}")
    if sentence.has(MISSING) and not table.truncated:
        yield Derived(Decimal(measure.cells.count(None)), f"rows without {measure.name}")


def _comparisons(sentence: Sentence, table: Table, measure: Measure) -> Iterator[Derived]:
    """Difference, change and multiple of two rows: the two that are named, else the ends of what is spoken of."""
    for one, other, what in _pairs(sentence, table, measure):
        if sentence.has(CHANGE) or sentence.has(COMPARED) or sentence.has(GAP):
            yield Derived(abs(other - one), f"difference of {measure.name}, {what}")
            if one:
                change = _ratio(other - one, abs(one)) * 100
                yield Derived(abs(change), f"change of {measure.name} in percent, {what}", "percent")
            if other and not sentence.has(CHANGE):
                yield Derived(abs(_ratio(one - other, abs(other)) * 100), f"{measure.name} compared, {what}", "percent")
            if measure.is_percent:
                yield Derived(abs(other - one), f"difference of {measure.name} in points, {what}", "percent")
        if one and other:
            yield Derived(_ratio(other, one), f"ratio of {measure.name}, {what}", "multiple")
            yield Derived(_ratio(one, other), f"ratio of {measure.name}, {what}", "multiple")


def _pairs(sentence: Sentence, table: Table, measure: Measure) -> Iterator[tuple[Decimal, Decimal, str]]:
    rows = [min(one.rows) for one in sentence.named if len(one.rows) == 1]
    distinct = list(dict.fromkeys(rows))
    if len(distinct) == 2:
        ends, what = (distinct[0], distinct[1]), "of the two rows that are named"
    elif not sentence.named and not table.truncated and table.row_count == 2:
        ends, what = (0, 1), "of the two rows"
    elif not sentence.named and not table.truncated and table.runs_forward and sentence.has(CHANGE):
        ends, what = (0, table.row_count - 1), "from the first row to the last"
    elif not sentence.named and not table.truncated and sentence.has(GAP) and measure.present:
        yield min(measure.present), max(measure.present), "from the least to the greatest"
        return
    else:
        return
    one, other = measure.cells[ends[0]], measure.cells[ends[1]]
    if one is not None and other is not None:
        yield one, other, what


def _shares(sentence: Sentence, table: Table, measure: Measure) -> Iterator[Derived]:
    """The part of the whole that the named rows make, or the greatest row where a superlative names it."""
    if table.truncated or not sentence.has(SHARE) or measure.is_percent or any(cell < 0 for cell in measure.present):
        return
    whole = _exact_sum(measure.present)
    if not whole:
        return
    parts = [(_cells(measure, one.rows), one.text) for one in sentence.named]
    if len(parts) > 1:
        parts.append((_cells(measure, sentence.rows), "the rows that are named"))
    if not parts and sentence.has(HIGH):
        parts = [([max(measure.present)], "the greatest row")]
    if not parts and sentence.has(LOW):
        parts = [([min(measure.present)], "the least row")]
    for cells, what in parts:
        share = _ratio(_exact_sum(cells), whole)
        yield Derived(share * 100, f"share of {what} in {measure.name}", "percent")
        yield Derived(share, f"share of {what} in {measure.name}", "multiple")


def _cells(measure: Measure, rows: frozenset[int]) -> list[Decimal]:
    return [cell for row in sorted(rows) if (cell := measure.cells[row]) is not None]


def _exact_sum(cells: list[Decimal]) -> Decimal:
    with localcontext(prec=200):
        return sum(cells, Decimal(0))


def _ratio(one: Decimal, other: Decimal) -> Decimal:
    with localcontext(prec=60):
        try:
            return one / other
        except (DivisionByZero, InvalidOperation):
            return Decimal("NaN")
