"""What supports a number of a sentence: a cell of the rows it names, an operation it names, or an allowed fact."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from apps.queries.prose.facts import Facts
from apps.queries.prose.findings import Support
from apps.queries.prose.numbers import Written
from apps.queries.prose.operations import HIGH, LOW, MEAN, MEDIAN, RANGE, TOTAL, derived_values
from apps.queries.prose.sentences import Named, Sentence
from apps.queries.prose.tables import Measure, Table, stems_of

FEW_ROWS = 3
TELLING_DIGITS = 5
MOST_ROUNDED = Decimal("0.05")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
_ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|some|over|more than|just under|circa)\s*[$€£]?$",
    re.I,
)
_LIMIT = re.compile(
    r"(?:top|bottom|first|last|over|above|below|under|than|least|most|exceeding|between|and|since|limit|before|after|past|until|to)"
    r"\s*[$€£]?$",
    re.I,
)
_MORE = re.compile(
    r"\s*(?:\w+\s+)?(?:more|less|fewer|higher|lower|larger|smaller|ahead|behind|above|below)\b(?! of)", re.I
)
_BY = re.compile(r"\b(?:by|difference (?:of|is)|gap (?:of|is))\s*[$\u20ac\u00a3]?$", re.I)
_ROW_WORDS = frozenset("row result entri record line item match case group".split())
Found = tuple[Support, str]


def support_of(written: Written, sentence: Sentence, table: Table, facts: Facts, place: int) -> Found:
    """What the number rests on, and how in words. `place` is its turn among the sentence's plain numbers."""
    inside = next((one for one in sentence.named if _within(written, one, sentence)), None)
    if inside is not None:
        return Support.ROWS, f"part of the name {inside.text!r}"
    if written.role == "date":
        is_said = written.text.casefold() in facts.dates
        return (Support.FACT, "a date that was given") if is_said else _unsupported("no such date")
    for reason in (_fact(written, sentence, facts), _count(written, sentence, table)):
        if reason:
            return Support.FACT, reason
    if written.role == "ordinal":
        return _ordinal(written, table)
    is_derived = _says_derived(written, sentence, table)
    if written.role != "multiple" and not is_derived and (how := _cell(written, sentence, table, place)):
        return Support.ROWS, how
    for derived in derived_values(sentence, table):
        if derived.role == written.role and agrees(written, derived.value, is_about(written, sentence)):
            return Support.DERIVED, derived.how
    return _unsupported("neither in the rows nor computed from them by what the sentence says")


def _says_derived(written: Written, sentence: Sentence, table: Table) -> bool:
    """Do the words say that the number is computed ("9 more than", "by 9", "in total")? Then a cell is no support."""
    at, end = (place - sentence.start for place in written.span)
    if _MORE.match(sentence.text[end:]) or _BY.search(sentence.text[:at]):
        return True
    names = " ".join(measure.name.replace("_", " ") for measure in table.measures)
    is_whole = any(sentence.has(words) and not words.search(names) for words in (TOTAL, MEAN, MEDIAN))
    return is_whole and not sentence.named and table.row_count > 1


def agrees(written: Written, exact: Decimal, about: bool = False) -> bool:
    """Is this the exact value, or the value rounded to the digits that are written, by at most a twentieth?"""
    return any(_rounds_to(value, written.step, exact, about) for value in (written.value, *written.others))


def is_about(written: Written, sentence: Sentence) -> bool:
    """Does the text say that the number is not meant exactly?"""
    return bool(_ABOUT.search(sentence.text[: written.span[0] - sentence.start]))


def _rounds_to(said: Decimal, step: Decimal, exact: Decimal, about: bool) -> bool:
    if not exact.is_finite():
        return False
    with localcontext(prec=max(60, exact.adjusted() + 40)):
        if said == exact or (abs(said) == abs(exact) and said == -exact and exact < 0):
            return True
        if said and abs(said - exact) > MOST_ROUNDED * abs(said):
            return False
        if about and said == said.to_integral_value() and said:
            step = max(step, Decimal(10) ** (len(str(abs(int(said)))) - len(str(abs(int(said))).rstrip("0"))))
        try:
            roundings = {_rounded(exact, step, mode) for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
        except InvalidOperation:
            return False
        return said in roundings or (exact < 0 and -said in roundings and said > 0)


def _rounded(exact: Decimal, step: Decimal, mode: str) -> Decimal:
    return (exact / step).quantize(Decimal(1), rounding=mode) * step


def _within(written: Written, named: Named, sentence: Sentence) -> bool:
    start, end = (place - sentence.start for place in written.span)
    return named.span[0] <= start and end <= named.span[1]


def _unsupported(why: str) -> Found:
    return Support.UNSUPPORTED, why


def _fact(written: Written, sentence: Sentence, facts: Facts) -> str:
    """Years that were said, and limits where the sentence uses them as such ("top 5", "over 100")."""
    said = [one for one in facts.said if one.value == written.value and one.role == written.role]
    if not said:
        if not any(str(int(written.value)) in date for date in facts.dates if _is_year(written)):
            return ""
        return "a year that was given"
    before = sentence.text[: written.span[0] - sentence.start]
    if _is_year(written):
        return "a year that was given"
    return "a limit that was given" if _LIMIT.search(before) else ""


def _is_year(written: Written) -> bool:
    is_whole = written.value == written.value.to_integral_value() and len(written.text) == 4
    return written.role == "plain" and is_whole and EARLIEST_YEAR <= written.value <= LATEST_YEAR


def _count(written: Written, sentence: Sentence, table: Table) -> str:
    """Counts of rows, of different labels and of the labels in the sentence, before a noun that says so."""
    if written.role != "plain" or written.step != 1:
        return ""
    after = re.findall(r"[A-Za-z]+", sentence.text[written.span[1] - sentence.start :])[:3]
    stems = stems_of(after)
    is_rows, is_labels = bool(stems & _ROW_WORDS), bool(stems & table.label_stems)
    if written.value == len(sentence.named) and (is_labels or written.text.lower() == "both"):
        return "names in the sentence"
    if table.truncated:
        is_shown = re.search(r"\b(?:shown|first|more than|at least|over)\b", sentence.text, re.I)
        return "rows that are shown" if is_rows and is_shown and written.value == table.row_count else ""
    if written.value == table.row_count and (is_rows or is_labels or written.text.lower() in ("both", "none", "no")):
        return "number of rows"
    if is_labels and written.value in table.distinct.values():
        return "number of different names"
    return ""


def _ordinal(written: Written, table: Table) -> Found:
    if 1 <= written.value <= max(table.row_count, 1):
        return Support.FACT, "a place among the rows"
    return _unsupported("there are not so many rows")


def _cell(written: Written, sentence: Sentence, table: Table, place: int) -> str:
    """A cell that holds the number, in a row that the sentence means by it."""
    rows = _meant_rows(written, sentence, place)
    for measure in sentence.measures or table.measures:
        for row in _reachable(measure, rows, sentence, table, written):
            cell = measure.cells[row]
            if cell is not None and _is_cell(written, cell, measure, is_about(written, sentence)):
                return f"{measure.name} in row {row + 1}"
    return ""


def _is_cell(written: Written, cell: Decimal, measure: Measure, about: bool) -> bool:
    if written.role != "percent":
        return agrees(written, cell, about)
    return measure.is_percent and (
        agrees(written, cell, about) or (abs(cell) <= 1 and agrees(written, cell * 100, about))
    )


def _meant_rows(written: Written, sentence: Sentence, place: int) -> frozenset[int] | None:
    """The rows of the name that belongs to the number; None where the sentence names none.

    As many names as numbers go together in turn; else the names of the same clause count, else the one before.
    """
    if not sentence.named:
        return None
    if place >= 0:
        return sentence.named[min(place, len(sentence.named) - 1)].rows
    at = written.span[0] - sentence.start
    start, end = sentence.clause_at(at)
    here = [one.rows for one in sentence.named if start <= one.span[0] < end]
    before = [one.rows for one in sentence.named if one.span[0] < at][-1:]
    meant = here or before or [one.rows for one in sentence.named]
    common = frozenset.intersection(*meant)
    return common or frozenset[int]().union(*meant)


def _reachable(
    measure: Measure, rows: frozenset[int] | None, sentence: Sentence, table: Table, written: Written
) -> Iterator[int]:
    """The rows where the number may be found: without a name only what words, few rows or many digits make certain."""
    if rows is not None:
        yield from sorted(rows)
        return
    present = [row for row, cell in enumerate(measure.cells) if cell is not None]
    is_range, is_high, is_low = (sentence.has(words) for words in (RANGE, HIGH, LOW))
    if is_high or is_low:  # only the extreme itself; of a cut-off result nobody knows it
        present = [] if table.truncated else present
    else:
        is_telling = len(re.sub(r"\D", "", written.text).strip("0")) >= TELLING_DIGITS
        if is_telling or table.row_count <= FEW_ROWS:
            yield from present
            return
    if not present or table.truncated:
        return
    if is_high or is_range:
        yield max(present, key=lambda row: measure.cells[row] or Decimal(0))
    if is_low or is_range:
        yield min(present, key=lambda row: measure.cells[row] or Decimal(0))
