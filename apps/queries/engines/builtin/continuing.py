"""Reads a follow-up as the question before it with the new words worked in: "and in 2024?", "only Germany", "by month".

What comes out is a whole question in words, so whatever can be asked at once can be asked bit by bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.clarification.readings import Reading

from .analysis import Analysis, analyze
from .conversation.standing import Standing
from .followup import is_elliptic
from .spoken import spoken_readings
from .spoken.times import Time, find_times
from .spoken.unit_marks import find_unit
from .spoken.values_found import Said, find_values
from .spoken.words import Words

_OPENINGS: tuple[tuple[str, ...], ...] = (
    ("what", "about"), ("how", "about"), ("and", "what", "about"), ("and", "how", "about"), ("the", "same", "for"),
    ("same", "for"), ("the", "same"), ("and", "now"), ("now",), ("and",), ("also",), ("but",), ("then",), ("show",),
    ("instead",), ("please",), ("just",),
)  # fmt: skip
_NARROWING = frozenset(("only", "without", "not", "except", "excluding", "but", "just"))
_LISTING = frozenset(("which", "list", "show", "what"))
_COUNTING = (("how", "many"), ("what", "is", "the", "total"), ("what", "is", "the", "number", "of"), ("total",))
_CLOSING = frozenset("?.!")


@dataclass(frozen=True)
class _Piece:
    """Words with the times and values that stand in them."""

    words: Words
    times: Sequence[Time]
    values: Sequence[Said]


def whole_question(analysis: Analysis) -> str | None:
    """The question that a follow-up means, or None where the words ask something of their own."""
    before = _words_before(analysis)
    return _worked_in(analysis, before) if before else None


def in_words(analysis: Analysis, last: Standing) -> list[Reading]:
    """The grammar's readings of the whole question, if it reads the question before as the SQL that the person saw.

    Points that the answer before has settled stay settled.
    """
    before = _words_before(analysis)
    question = _worked_in(analysis, before) if before else None
    if before is None or question is None:
        return []
    dialect = analysis.context.schema.dialect
    shown = last.tree.sql(dialect=dialect)
    taken = next((one for one in spoken_readings(_analysis_of(before, analysis)) if _same(one, shown, dialect)), None)
    if taken is None:
        return []
    settled = {(choice.field, choice.label) for choice in taken.choices}
    readings = spoken_readings(_analysis_of(question, analysis))
    kept = [one for one in readings if settled <= {(choice.field, choice.label) for choice in one.choices}] or readings
    total, left = sum(one.score for one in readings), sum(one.score for one in kept)
    said = f"This goes on from before: “{question}”."
    return [
        replace(one, score=min(1.0, one.score * total / left), assumptions=(said, *one.assumptions)) for one in kept
    ]


def _same(reading: Reading, shown: str, dialect: str) -> bool:
    return reading.tree.sql(dialect=dialect) == shown


def _words_before(analysis: Analysis) -> str | None:
    """The last question in whole words. What brought an earlier answer back ("undo that") stands for its question."""
    said: list[tuple[str | None, str]] = []
    for turn in analysis.context.history:
        if turn.sql is None:
            continue
        known = next((words for sql, words in said if sql == turn.sql), None)
        before = said[-1][1] if said else None
        words = known or (before and _worked_in(_analysis_of(turn.question, analysis), before)) or turn.question
        said.append((turn.sql, words))
    return said[-1][1] if said else None


def _analysis_of(question: str, analysis: Analysis) -> Analysis:
    return analyze(analysis.context.with_question(question))


def _worked_in(analysis: Analysis, before: str) -> str | None:
    """The earlier question with the later words in their places; None where they are no part of one."""
    new, said = _piece(analysis), [token.text.lower() for token in analysis.tokens if token.text not in _CLOSING]
    if not said:
        return None
    if said[:2] == ["how", "many"] and len(said) <= 4:
        return _counted(before)
    asks_anew = said[0] in ("what", "how", "which", "who") and said[1:2] != ["about"]
    if asks_anew or not is_elliptic(analysis):
        return None
    start = _opening(said)
    end = len(said)
    old = _piece(_analysis_of(before, analysis))
    if any(word in ("share", "percentage", "percent", "proportion") for word in said):
        return _shared(before)
    narrows = any(word in _NARROWING for word in said[start:])
    text, gone = _swapped(before, old, new, narrows=narrows)
    rest = " ".join(new.words.tokens[place].text for place in range(start, end) if place not in gone)
    return f"{text} {rest}".strip()


def _piece(analysis: Analysis) -> _Piece:
    words = Words(analysis.tokens)
    find_unit(words)
    times = find_times(words, analysis.context.today, analysis.context.fiscal_year_start_month)
    return _Piece(words, times, find_values(analysis, words))


def _opening(said: Sequence[str]) -> int:
    """How many words only lead over ("and what about")."""
    start = 0
    while found := next((one for one in _OPENINGS if tuple(said[start : start + len(one)]) == one), None):
        start += len(found)
    return start


def _swapped(before: str, old: _Piece, new: _Piece, *, narrows: bool) -> tuple[str, set[int]]:
    """The earlier text with its time and values exchanged for the new ones, and which new words that used up."""
    changes: list[tuple[int, int, str]] = []
    gone: set[int] = set()
    if len(old.times) == 1 and len(new.times) == 1:
        time = new.times[0]
        changes.append((old.times[0].start, old.times[0].end, _text(new.words, time.start, time.end)))
        gone |= set(range(time.start, time.end))
    for said in () if narrows else new.values:
        twin = next((one for one in old.values if _columns(one) & _columns(said)), None)
        if twin:
            changes.append((twin.start, twin.end, said.text))
            start = said.start - (new.words.lower(said.start - 1) in ("in", "from", "for", "to", "with", "of"))
            gone |= set(range(start, said.end))
    tokens = [token.text for token in old.words.tokens]
    for start, end, text in sorted(changes, reverse=True):
        tokens[start:end] = [text]
    return " ".join(token for token in tokens if token not in _CLOSING), gone


def _columns(said: Said) -> set[tuple[str, str]]:
    return {key for key, _ in said.places}


def _text(words: Words, start: int, end: int) -> str:
    return " ".join(token.text for token in words.tokens[start:end])


def _counted(before: str) -> str | None:
    """ "How many are there?" after a list counts its rows."""
    first, _, rest = before.strip(" ?.").partition(" ")
    return f"How many {rest}" if first.lower() in _LISTING else None


def _shared(before: str) -> str | None:
    """ "As a share" after numbers asks for the same as parts of the whole."""
    said = before.strip(" ?.").split()
    for opening in sorted(_COUNTING, key=len, reverse=True):
        if tuple(word.lower() for word in said[: len(opening)]) == opening:
            return f"Share of {' '.join(said[len(opening) :])}"
    return None
