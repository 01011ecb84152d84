"""Stored values that the question says, each with every column that holds it."""

from dataclasses import dataclass, replace

from apps.knowledge.tokens import TokenKind
from apps.knowledge.value_names import other_names
from apps.knowledge.values import value_key
from apps.queries.engines.builtin.analysis import Analysis, SpanKind, ValueSpan
from apps.queries.engines.builtin.plan import ColumnKey

from .codes import all_codes
from .dates import CREATION_VERBS
from .happenings import event_columns
from .pointers import role_at
from .wordlists import LEAST_QUALITY, NO_VALUES, ROLE_WORDS
from .words import Words, is_unit

MIN_EXACT = 0.95
ANOTHER_NAME = 0.94  # "German" for Germany, in whatever case
LEAST_VALUE_SCORE = 0.7
_MISHEARD_VALUE = 0.7
_LEAST_NAME = 4  # shorter ones are codes, which a column has beside names for other reasons
_SETTING = frozenset(("after", "before", "within", "more", "less", "on", "later", "earlier"))


@dataclass(frozen=True, slots=True)
class Said:
    """A stored value said: each column that holds it, with the stored spelling. `others` are other names of it that
    are stored too ("Köln" beside "Cologne")."""

    start: int
    end: int
    text: str
    places: tuple[tuple[ColumnKey, str], ...]
    others: tuple[tuple[ColumnKey, str], ...] = ()


def find_values(analysis: Analysis, words: Words, *, timed: bool = True) -> list[Said]:
    """Values word for word, then near spellings of what stands in capitals; their words are taken.

    Where nothing is `timed`, a word such as "delivered" that is a stored state too is that state.
    """
    found: list[Said] = []
    spans = [span for span in analysis.spans if span.kind is SpanKind.TEXT]
    for span in sorted(spans, key=lambda one: (-(one.end - one.start), one.start)):
        if not words.is_free(span.start, span.end):
            continue
        is_state = not timed and _is_state(analysis, words, span)
        if not is_state and _is_ordinary(analysis, words, span.start, span.end):
            continue
        said = _longer(analysis, words, span.start, span.end) or Said(
            span.start, span.end, words.text(span.start, span.end), _places(analysis, span)
        )
        if said.places:
            words.take(said.start, said.end)
            found.append(said)
    found += _with_small_words(analysis, words)
    found = [replace(one, others=_other_names(analysis, one)) for one in found]
    return sorted(found, key=lambda one: one.start)


def _other_names(analysis: Analysis, said: Said) -> tuple[tuple[ColumnKey, str], ...]:
    """Other names of a value in the columns that hold it too."""
    keys = {key for key, _ in said.places}
    names = [name for name in other_names(value_key(said.text)) if len(name) >= _LEAST_NAME]
    matches = [one for name in names for one in analysis.context.values.find(name, limit=8, exact=True)]
    entries = [(analysis.catalog.column(one.table, one.column), one.value) for one in matches]
    found = [(entry.key, value) for entry, value in entries if entry and entry.key in keys]
    return tuple(dict.fromkeys(place for place in found if place not in said.places))


def _is_state(analysis: Analysis, words: Words, span: ValueSpan) -> bool:
    """Whether a verb that names a date is also a stored value, and no time or other date is set against it."""
    said = words.lower(span.start)
    after = words.lower(span.end)
    is_label = any(code.words == (said,) for code in all_codes(analysis.catalog))
    exact = any(score >= MIN_EXACT and value.lower() == said for _, value, score in span.matches)
    return exact and not is_label and bool(event_columns(analysis.catalog, said)) and after not in _SETTING


def _with_small_words(analysis: Analysis, words: Words) -> list[Said]:
    """Values that begin with a small word, such as "in transit", where the rest alone says nothing."""
    found = []
    for place in range(1, len(words)):
        small = words.lower(place - 1) in ("in", "on", "out", "under", "at")
        if not small or not words.is_free(place - 1, place + 1) or analysis.best_quality.get(place, 0.0):
            continue
        text = words.text(place - 1, place + 1)
        matches = [one for one in analysis.context.values.find(text, limit=4) if one.value.lower() == text.lower()]
        keys = ((analysis.catalog.column(one.table, one.column), one.value) for one in matches)
        if places := tuple((entry.key, value) for entry, value in keys if entry):
            words.take(place - 1, place + 1)
            found.append(Said(place - 1, place + 1, text, places))
    return found


def _places(analysis: Analysis, span: ValueSpan) -> tuple[tuple[ColumnKey, str], ...]:
    """Where a span's value stands; every value that contains the words, where none is spelled like them."""
    if not span.matches:
        return ()
    best = max(score for _, _, score in span.matches)
    if best >= ANOTHER_NAME:
        return tuple((key, value) for key, value, score in span.matches if score >= min(best, MIN_EXACT))
    found = analysis.context.values.find(span.text, limit=8)
    best = max((match.score for match in found), default=0.0)
    begun = f"{span.text.lower()} "
    near = [match for match in found if match.score >= max(LEAST_VALUE_SCORE, best - 0.02)]
    kept = [match for match in found if match.value.lower().startswith(begun)] or [
        match for match in near if begun.strip() not in match.value.lower()
    ]
    entries = [(analysis.catalog.column(match.table, match.column), match.value) for match in kept]
    return tuple((entry.key, value) for entry, value in entries if entry)


def _is_ordinary(analysis: Analysis, words: Words, start: int, end: int) -> bool:
    """A single lower-case word that names a table, a column or a role, or a number's word, is no value here."""
    token = words.tokens[start]
    if end - start > 1 or token.kind is not TokenKind.WORD:
        return False
    if token.number is not None:
        return True
    if token.is_capitalized and start > 0:
        return False
    said = token.text.lower()
    if said in ROLE_WORDS or said in NO_VALUES or said in CREATION_VERBS or role_at(analysis.catalog, words, start):
        return True
    is_label = any(code.words == (said,) for code in all_codes(analysis.catalog))
    is_named = analysis.best_quality.get(start, 0.0) >= LEAST_QUALITY
    return is_label or is_named or is_unit(token.lemma) or bool(event_columns(analysis.catalog, said))


def _longer(analysis: Analysis, words: Words, start: int, end: int) -> Said | None:
    """The same value with what follows its comma ("Crepe Pan, copper"), spelled nearly."""
    if words.lower(end) != ",":
        return None
    for last in range(min(end + 4, len(words)), end + 1, -1):
        matches = analysis.context.values.find(words.text(start, last), limit=6)
        best = max((match.score for match in matches), default=0.0)
        kept = [match for match in matches if match.score >= max(_MISHEARD_VALUE, best - 0.01)]
        if kept:
            keys = ((analysis.catalog.column(match.table, match.column), match.value) for match in kept)
            return Said(
                start, last, words.text(start, last), tuple((entry.key, value) for entry, value in keys if entry)
            )
    return None
