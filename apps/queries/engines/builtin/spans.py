"""Finds what may be a constant in a question: stored values, numbers, days, and columns that hold yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from apps.knowledge.catalog import Catalog
from apps.knowledge.dates import find_dates
from apps.knowledge.linking import Link
from apps.knowledge.names import STOP_WORDS, word_set
from apps.knowledge.tokens import Token, TokenKind
from apps.knowledge.values import ValueIndex
from apps.queries.context import Context

from .plan import ColumnKey

LONGEST_VALUE = 7
SURE_NAME = 0.9
SURE_FLAG = 0.7
DATE_SIDES = ("since", "from", "after", "before", "until", "till", "by", "through")
_NO_LINK = Link(0, 0, "", None, 0.0, 0.0, 0.0)
_BETWEEN_WORDS = {"between": ("and", "to"), "from": ("to", "until", "through"), "range": ("to", "and")}
_NEVER_VALUES = STOP_WORDS | word_set(
    """
    more most less least than total average number name other same different distinct belong state between over
    under above below order sort group count sum maximum minimum mean both not no only at after before since
    until first last top new old long
    """
)
_SPOKEN_VALUES = {
    "female": "F", "male": "M", "woman": "F", "man": "M", "girl": "F", "boy": "M", "american": "USA",
    "french": "France",
    "german": "Germany", "british": "United Kingdom", "english": "England", "spanish": "Spain", "italian": "Italy",
    "japanese": "Japan", "chinese": "China", "canadian": "Canada", "australian": "Australia", "russian": "Russia",
    "dutch": "Netherlands", "swedish": "Sweden", "indian": "India", "brazilian": "Brazil", "mexican": "Mexico",
    "swiss": "Switzerland", "irish": "Ireland", "greek": "Greece", "polish": "Poland", "turkish": "Turkey",
}  # fmt: skip


class SpanKind(StrEnum):
    """What a stretch of the question that is no name may be."""

    TEXT = "text"
    NUMBER = "number"
    RANGE = "range"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class ValueSpan:
    """Tokens that may be a constant. `matches` are columns that hold it, with the stored spelling and a score.

    `opening` is the word before it that says where in a text it stands ("starts with"), or empty.
    """

    start: int
    end: int
    kind: SpanKind
    text: str
    constants: tuple[str | int | float, ...]
    quoted: bool = False
    matches: tuple[tuple[ColumnKey, str, float], ...] = ()
    opening: str = ""


def find_spans(
    tokens: Sequence[Token], links: Sequence[Link], context: Context, catalog: Catalog
) -> tuple[ValueSpan, ...]:
    """Every stretch that may be a constant, in the order of the question."""
    dates = _date_spans(tokens, context)
    spans = _merge_ranges(_number_spans(tokens, context.values, catalog), tokens)
    texts = [span for span in _text_spans(tokens, context.values, catalog) if not _is_only_a_name(span, tokens, links)]
    others = [*spans, *(replace(span, opening=_opening(span, tokens)) for span in texts)]
    spans = [*dates, *(span for span in others if not any(_overlap(span, date) for date in dates))]
    spans += [flag for flag in _flag_spans(links, catalog) if not any(_overlap(span, flag) for span in spans)]
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _overlap(one: ValueSpan, other: ValueSpan) -> bool:
    return one.start < other.end and other.start < one.end


def _date_spans(tokens: Sequence[Token], context: Context) -> list[ValueSpan]:
    """Spans of days, with the word before them that says on which side ("since", "before")."""
    spans = []
    for found in find_dates(tokens, context.today, context.fiscal_year_start_month):
        before = [token.lemma for token in tokens[max(0, found.start - 2) : found.start]]
        side = next((word for word in reversed(before) if word in DATE_SIDES), "")
        text = " ".join(token.text for token in tokens[found.start : found.end])
        constants = (found.first.isoformat(), found.after.isoformat())
        spans.append(ValueSpan(found.start, found.end, SpanKind.DATE, text, constants, opening=side))
    return spans


def _flag_spans(links: Sequence[Link], catalog: Catalog) -> list[ValueSpan]:
    """Columns that hold yes or no and are named: naming one may ask for the rows where it is yes."""
    best: dict[ColumnKey, Link] = {}
    for one in links:
        if (
            one.column
            and one.quality >= SURE_FLAG
            and one.quality > best.get((one.table, one.column), _NO_LINK).quality
        ):
            best[(one.table, one.column)] = one
    spans = []
    for key, one in best.items():
        yes = catalog.columns[key].yes
        if yes is not None:
            spans.append(ValueSpan(one.start, one.end, SpanKind.FLAG, yes, (yes,), matches=((key, yes, 1.0),)))
    return spans


def _is_only_a_name(span: ValueSpan, tokens: Sequence[Token], links: Sequence[Link]) -> bool:
    """Whether a word in small letters names a column so well that a value in other letters is chance ("city", CITY)."""
    token = tokens[span.start]
    if span.quoted or span.end - span.start > 1 or not token.text.islower():
        return False
    named = any(one.start <= span.start < one.end and one.quality >= SURE_NAME for one in links)
    return named and not any(stored.islower() for _, stored, _ in span.matches)


def _opening(span: ValueSpan, tokens: Sequence[Token]) -> str:
    before = [token.lemma for token in tokens[max(0, span.start - 5) : span.start]]
    return next((word for word in reversed(before) if word.startswith(("start", "begin", "end"))), "")


def _number_spans(tokens: Sequence[Token], values: ValueIndex, catalog: Catalog) -> list[ValueSpan]:
    spans = []
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.DATE:
            matches = _resolved(values, catalog, token.text, exact=True)
            spans.append(ValueSpan(index, index + 1, SpanKind.NUMBER, token.text, (token.text,), matches=matches))
        elif token.number is not None:
            matches = _resolved(values, catalog, token.text, exact=True) if token.kind is TokenKind.NUMBER else ()
            spans.append(
                ValueSpan(index, index + 1, SpanKind.NUMBER, token.text, (_plain(token.number),), matches=matches)
            )
    return spans


def _merge_ranges(spans: Sequence[ValueSpan], tokens: Sequence[Token]) -> list[ValueSpan]:
    """Two numbers said as "between 10 and 15" are one span."""
    merged: list[ValueSpan] = []
    for span in spans:
        previous = merged[-1] if merged else None
        if previous and previous.kind is SpanKind.NUMBER and _is_range(previous, span, tokens):
            text = f"{previous.text} and {span.text}"
            merged[-1] = ValueSpan(
                previous.start, span.end, SpanKind.RANGE, text, (*previous.constants, *span.constants)
            )
        else:
            merged.append(span)
    return merged


def _is_range(low: ValueSpan, high: ValueSpan, tokens: Sequence[Token]) -> bool:
    if high.start - low.end != 1 or low.start == 0:
        return False
    before = {tokens[index].lemma for index in range(max(0, low.start - 3), low.start)}
    return any(opening in before and tokens[low.end].lemma in joints for opening, joints in _BETWEEN_WORDS.items())


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _text_spans(tokens: Sequence[Token], values: ValueIndex, catalog: Catalog) -> list[ValueSpan]:
    """Stored values said in the question, longest first, and everything in quotes."""
    found: list[ValueSpan] = []
    taken = [False] * len(tokens)
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.QUOTED:
            matches = _resolved(values, catalog, token.text)
            found.append(ValueSpan(index, index + 1, SpanKind.TEXT, token.text, (token.text,), True, matches))
            taken[index] = True
    for length in range(min(LONGEST_VALUE, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            end = start + length
            if not any(taken[start:end]) and (span := _exact_span(tokens, start, end, values, catalog)):
                found.append(span)
                taken[start:end] = [True] * length
    return [*found, *_near_spans(tokens, taken, values, catalog)]


def _exact_span(
    tokens: Sequence[Token], start: int, end: int, values: ValueIndex, catalog: Catalog
) -> ValueSpan | None:
    """The stretch as a stored value, if it is one word for word."""
    inside = tokens[start:end]
    if not _may_be_value(inside, start):
        return None
    text = " ".join(token.text for token in inside)
    phrases = [text]
    if len(inside) == 1 and inside[0].kind is TokenKind.WORD:
        phrases += [inside[0].lemma, *filter(None, [_SPOKEN_VALUES.get(inside[0].lemma)])]
    for phrase in phrases:
        matches = _resolved(values, catalog, phrase, exact=True)
        if matches:
            return ValueSpan(start, end, SpanKind.TEXT, text, (text,), matches=matches)
    return None


def _may_be_value(inside: Sequence[Token], start: int) -> bool:
    first, last = inside[0], inside[-1]
    if TokenKind.PUNCTUATION in (first.kind, last.kind) or any(token.kind is TokenKind.QUOTED for token in inside):
        return False
    if len(inside) == 1:
        if first.number is not None:
            return False
        if first.kind is not TokenKind.WORD or first.lemma in _NEVER_VALUES:
            return first.text.isupper() and len(first.text) > 1 and start > 0
        return len(first.text) > 1 or (first.text.isupper() and first.text not in ("I", "A") and start > 0)
    if first.lemma in STOP_WORDS or last.lemma in STOP_WORDS:
        return (first.is_capitalized and start > 0) or last.is_capitalized
    return True


def _near_spans(tokens: Sequence[Token], taken: list[bool], values: ValueIndex, catalog: Catalog) -> list[ValueSpan]:
    """Capitalized stretches inside the sentence that no value spells exactly: near or partial values, or new ones."""
    spans: list[ValueSpan] = []
    start = 1
    while start < len(tokens):
        end = start
        while end < len(tokens) and not taken[end] and (_is_proper(tokens[end]) or _is_letter(tokens, end)):
            end += 1
        if end > start:
            text = " ".join(token.text for token in tokens[start:end])
            matches = _resolved(values, catalog, text)
            spans.append(ValueSpan(start, end, SpanKind.TEXT, text, (text,), matches=matches))
        start = max(end, start + 1)
    return spans


def _is_proper(token: Token) -> bool:
    return token.kind is TokenKind.WORD and token.is_capitalized and token.lemma not in STOP_WORDS


def _is_letter(tokens: Sequence[Token], index: int) -> bool:
    """A single letter that the words before it introduce ("the letter a", "starts with A")."""
    token, before = tokens[index], tokens[index - 1].lemma
    introduced = before in ("letter", "character", "substring") or (before == "with" and token.text.isupper())
    return introduced and token.kind is TokenKind.WORD and len(token.text) == 1


def _resolved(
    values: ValueIndex, catalog: Catalog, phrase: str, *, exact: bool = False
) -> tuple[tuple[ColumnKey, str, float], ...]:
    """Where a phrase is stored, once for each column."""
    found: dict[ColumnKey, tuple[ColumnKey, str, float]] = {}
    for match in values.find(phrase, limit=12, exact=exact):
        entry = catalog.column(match.table, match.column)
        if entry is not None and entry.key not in found:
            found[entry.key] = (entry.key, match.value, match.score)
    return tuple(found.values())
