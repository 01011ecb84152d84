"""Tells apart what a question asks of us: an answer from the data, a talk, a change, or something the data does not
hold."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from apps.knowledge.names import STOP_WORDS, word_set
from apps.knowledge.tokens import TokenKind
from apps.queries.context import Context

from .analysis import Analysis, analyze
from .cues import meanings
from .linear import Classifier
from .phrases import SUMMED
from .spans import SpanKind
from .spoken import spoken_readings
from .units import units_of

STRONG = 0.6
UNDERSTOOD = 0.25  # the grammar's score from which a question is one, whatever the classifier makes of its words
WEIGHTS_FILE = Path(__file__).with_name("triage.json.gz")
_CHANGES = word_set(
    """
    delete remove drop insert add create update change set raise increase decrease rename truncate alter edit
    modify erase cancel replace reset move merge clear purge
    """
)
_ASKS = word_set(
    """
    who what which when where how why list show find give count return display tell many much number name get
    """
)
_REASONS = {
    "answerable": "The question names things that the data holds.",
    "ambiguous": "The words leave open what exactly is meant.",
    "not_in_data": "The data does not hold what the question asks about.",
    "small_talk": "This needs no data.",
}


class TriageKind(StrEnum):
    ANSWERABLE = "answerable"
    AMBIGUOUS = "ambiguous"
    NOT_IN_DATA = "not_in_data"
    SMALL_TALK = "small_talk"
    CHANGE_REQUEST = "change_request"


@dataclass(frozen=True)
class Triage:
    """What kind of question it is, and why we think so, in plain words."""

    kind: TriageKind
    reason: str


def triage(context: Context) -> Triage:
    """Judge a question by its words and the schema alone."""
    analysis = analyze(context)
    words = [token.lemma for token in analysis.tokens if token.kind is TokenKind.WORD]
    if words and _is_change(words):
        return Triage(
            TriageKind.CHANGE_REQUEST,
            f"“{words[0]}” asks to change data, and Parley only reads: it never changes anything.",
        )
    if not words:
        return Triage(TriageKind.SMALL_TALK, _REASONS["small_talk"])
    if any(reading.score >= UNDERSTOOD for reading in spoken_readings(analysis)):
        return Triage(TriageKind.ANSWERABLE, _REASONS["answerable"])
    likely = _classifier().log_probabilities(triage_features(analysis))
    kind = max(likely, key=lambda name: likely[name])
    if kind == TriageKind.SMALL_TALK and _names_data(analysis):
        kind = TriageKind.ANSWERABLE
    return Triage(TriageKind(kind), _REASONS[kind])


def _names_data(analysis: Analysis) -> bool:
    """Whether a table or a stored value is named, in a sentence that asks for something."""
    asks = any(token.lemma in _ASKS for token in analysis.tokens[:3])
    held = any(span.matches or span.kind is SpanKind.DATE for span in analysis.spans)
    held = held or any(token.lemma in SUMMED for token in analysis.tokens)
    return held or (asks and any(link.quality >= STRONG for link in analysis.links))


def _is_change(words: list[str]) -> bool:
    start = 1 if words[0] in ("please", "now", "then") else 0
    if words[:2] in (["can", "you"], ["could", "you"], ["would", "you"]):
        start = 3 if words[2:3] == ["please"] else 2
    return len(words) > start and words[start] in _CHANGES


def triage_features(analysis: Analysis) -> list[str]:
    """Named features: how the question is worded, and how much of it the schema knows."""
    units = units_of(analysis)
    marks = units.marks()
    content = [
        index for index, token in enumerate(analysis.tokens)
        if token.kind is TokenKind.WORD and token.lemma not in STOP_WORDS and not meanings(token.lemma)
    ]  # fmt: skip
    known = [analysis.best_quality[index] for index in content]
    strong = sum(quality >= STRONG for quality in known)
    share = int(4 * strong / len(content)) if content else -1
    first = " ".join(mark[:3] if mark[:3] in ("COL", "TAB", "VAL", "NUM") else mark for mark in marks[:2])
    columns = len(analysis.catalog.columns)
    features = [
        "bias", f"first={first}", f"opening={marks[0] if marks else ''}", f"share={share}", f"strong={min(strong, 4)}",
        f"unknown={min(len(content) - strong, 6)}", f"share={share} opening={marks[0] if marks else ''}",
        f"length={min(len(marks) // 4, 6)}", f"tables={min(len(analysis.catalog.tables), 3)}",
        f"columns={min(columns // 5, 6)}",
        f"tables={min(len(analysis.catalog.tables), 2)} share={share}", f"best={int(4 * max(known, default=0.0))}",
        f"values={min(sum(mark == 'VAL' for mark in marks), 3)}",
        f"numbers={min(sum(mark == 'NUM' for mark in marks), 3)}",
        f"last={marks[-1] if marks else ''}",
    ]  # fmt: skip
    return list(dict.fromkeys([*features, *_phrases(marks)]))


def _phrases(marks: list[str]) -> Iterator[str]:
    for size in (1, 2, 3):
        for start in range(len(marks) - size + 1):
            yield " ".join(marks[start : start + size])


@lru_cache(maxsize=1)
def _classifier() -> Classifier:
    with gzip.open(WEIGHTS_FILE, "rt", encoding="utf-8") as file:
        raw = json.load(file)
    return Classifier(tuple(raw["classes"]), raw["weights"])
