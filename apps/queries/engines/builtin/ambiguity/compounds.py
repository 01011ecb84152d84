"""Adjectives made of a number and what it counts: "a six-month contract", "three-bedroom houses", "5-star hotels"."""

from collections.abc import Iterator

from apps.knowledge.catalog import ColumnEntry, Kind
from apps.knowledge.names import lemma
from apps.knowledge.tokens import Token, tokenize
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey

Found = tuple[int, tuple[tuple[ColumnKey, str], ...]]


def counted_adjectives(analysis: Analysis) -> Iterator[Found]:
    """Where such an adjective stands, and the columns that hold it: as text ("6 months"), or as a number of it."""
    for place, token in enumerate(analysis.tokens):
        number, _, unit = token.text.partition("-")
        if unit.isalpha() and number and (amount := _amount(number)) is not None:
            stored = _as_text(analysis, token, (number, str(amount)), unit)
            if places := stored or _as_number(analysis, amount, lemma(unit.lower())):
                yield place, places


def _amount(text: str) -> int | None:
    number = next((token.number for token in tokenize(text)), None)
    return int(number) if number is not None and number == int(number) else None


def _as_text(
    analysis: Analysis, token: Token, numbers: tuple[str, str], unit: str
) -> tuple[tuple[ColumnKey, str], ...]:
    """The columns that hold it in one of the ways that it may be written."""
    forms = [
        token.text,
        *(f"{number}{glue}{unit}{end}" for number in numbers for glue in (" ", "-") for end in ("", "s")),
    ]
    for form in forms:
        matches = analysis.context.values.find(form, limit=4, exact=True)
        entries = ((analysis.catalog.column(one.table, one.column), one.value) for one in matches)
        if places := tuple((entry.key, value) for entry, value in entries if entry):
            return places
    return ()


def _as_number(analysis: Analysis, amount: int, unit: str) -> tuple[tuple[ColumnKey, str], ...]:
    entries = (entry for entry in analysis.catalog.columns.values() if _counts(entry, unit))
    return tuple((entry.key, str(amount)) for entry in entries)


def _counts(entry: ColumnEntry, unit: str) -> bool:
    return entry.kind is Kind.NUMBER and unit in entry.words and not (entry.is_primary or entry.is_foreign)
