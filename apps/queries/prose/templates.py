"""References to cells in a sentence that a model wrote without seeing the rows; code fills in the values.

    {{count}}                      number of rows
    {{row 1.total}}                the cell of a column in a row, counted from 1; {{row last.total}} is the last row's
    {{sum.total}} {{mean.total}} {{median.total}} {{min.total}} {{max.total}}     over all rows

Columns go by their names, in any case. References are read from the model's own template, once: what a cell holds is
never read for references.
"""

import re
import statistics
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from apps.clarification.previews import shown
from apps.datasources.results import ResultSet
from apps.queries.charts.marks import total_of
from apps.queries.prose.facts import Facts
from apps.queries.prose.findings import Checked, HonestText
from apps.queries.prose.numbers import Written, numbers_in
from apps.queries.prose.sentences import split_sentences
from apps.queries.prose.tables import number_of

MOST_CHARACTERS, MOST_CELL_CHARACTERS = 10_000, 200
MEAN_DIGITS = Decimal("0.01")
_REFERENCE = re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
_CELL = re.compile(r"row (\d{1,6}|last)\.(.+)", re.IGNORECASE)
_WHOLE = re.compile(r"(sum|mean|median|min|max)\.(.+)", re.IGNORECASE)


class UnknownReference(Exception):
    """A reference that names nothing of this result."""


def filled_template(template: str, result: ResultSet, facts: Facts | None = None) -> HonestText:
    """The template with its references filled in. A sentence that holds an unknown one is dropped whole, and so is one
    that states a number of its own beside those of `facts`: whoever writes without the rows knows none."""
    facts = facts or Facts()
    template = template[:MOST_CHARACTERS]
    kept, dropped = [], []
    masked = _REFERENCE.sub(lambda match: "\x1a" * len(match.group()), template)  # a dot in a name ends no sentence
    for left, right in split_sentences(masked):
        sentence = template[left:right].strip()
        try:
            kept.append(_filled(sentence, result, facts))
        except UnknownReference:
            dropped.append(sentence)
    text = " ".join(kept)
    return HonestText(text, tuple(dropped), Checked(text, ()))


def with_numbers_of(facts: Facts, text: str) -> str:
    """The sentences that state no number but those of the facts: for words that no rows stand beside. "No" is none."""
    text = text[:MOST_CHARACTERS]
    parts = (text[left:right].strip() for left, right in split_sentences(text))
    return " ".join(
        one for one in parts if all(number.value == 0 or _is_said(number, facts) for number in numbers_in(one))
    )


def _filled(sentence: str, result: ResultSet, facts: Facts) -> str:
    around = _REFERENCE.sub(" ", sentence)
    if "{" in around or "}" in around:
        raise UnknownReference("half a reference")
    if not all(_is_said(one, facts) for one in numbers_in(around)):
        raise UnknownReference("a number of its own")
    return _REFERENCE.sub(lambda match: _value(match.group(1), result), sentence)


def _is_said(number: Written, facts: Facts) -> bool:
    if number.role == "date":
        return number.text.casefold() in facts.dates
    return any((number.value, number.role) == (said.value, said.role) for said in facts.said)


def _value(reference: str, result: ResultSet) -> str:
    """What a reference stands for, as the answer writes it. Raises UnknownReference."""
    if reference.lower() == "count":
        if result.truncated:
            raise UnknownReference("the result was cut off")
        return f"{result.row_count:,}"
    if match := _CELL.fullmatch(reference):
        row = result.row_count if match.group(1).lower() == "last" else int(match.group(1))
        if not 1 <= row <= result.row_count or (match.group(1).lower() == "last" and result.truncated):
            raise UnknownReference("no such row")
        return _cell(result.rows[row - 1][_column(match.group(2), result)])
    if match := _WHOLE.fullmatch(reference):
        return _whole(match.group(1).lower(), _column(match.group(2), result), result)
    raise UnknownReference(reference)


def _cell(value: object) -> str:
    if value is None:
        raise UnknownReference("no value")
    return " ".join(shown(value).split())[:MOST_CELL_CHARACTERS]


def _column(name: str, result: ResultSet) -> int:
    exact = [at for at, column in enumerate(result.columns) if column.name == name]
    alike = [at for at, column in enumerate(result.columns) if column.name.casefold() == name.strip().casefold()]
    found = exact or alike
    if len(found) != 1:
        raise UnknownReference("no such column")
    return found[0]


def _whole(operation: str, at: int, result: ResultSet) -> str:
    """An operation over all rows; a cut-off result has none."""
    cells = [row[at] for row in result.rows if row[at] is not None]
    if result.truncated or not cells or any(number_of(cell) is None for cell in cells):
        raise UnknownReference("nothing to compute")
    if operation == "sum":
        with localcontext(prec=200):
            return shown(total_of([number_of(cell) if isinstance(cell, str) else cell for cell in cells]))
    numbers = [number for cell in cells if (number := number_of(cell)) is not None]
    if operation in ("min", "max"):
        chosen = (min if operation == "min" else max)(range(len(cells)), key=lambda place: numbers[place])
        return shown(cells[chosen])
    with localcontext(prec=200):
        value = statistics.median(numbers) if operation == "median" else sum(numbers, Decimal(0)) / len(numbers)
        rounded = value.quantize(MEAN_DIGITS, rounding=ROUND_HALF_EVEN)
    return shown(int(rounded) if rounded == int(rounded) else rounded)
