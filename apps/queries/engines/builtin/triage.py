"""Tells apart what a question asks of us: an answer from the data, a talk, a change, or something the data does not hold."""

from dataclasses import dataclass
from enum import StrEnum

from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind
from apps.queries.context import Context

from .analysis import Analysis, analyze

STRONG = 0.6
_CHANGES = frozenset(
    "delete remove drop insert add create update change set raise increase decrease rename truncate alter edit modify erase cancel "
    "replace reset move merge clear purge".split()
)
_TALK = frozenset("hello hi hey thanks thank bye goodbye please sorry ok okay cool great nice lol haha yes no welcome".split())


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
        return Triage(TriageKind.CHANGE_REQUEST, f"“{words[0]}” asks to change data; Parley only reads.")
    known = [index for index in range(len(words)) if analysis.best_quality[index] >= STRONG]
    if not known and not any(span.matches for span in analysis.spans):
        return _unknown(words, analysis)
    return Triage(TriageKind.ANSWERABLE, "The question names things that the data holds.")


def _is_change(words: list[str]) -> bool:
    start = 1 if words[0] in ("please", "now", "then") else 0
    if words[:2] in (["can", "you"], ["could", "you"], ["would", "you"]):
        start = 2
    return len(words) > start and words[start] in _CHANGES


def _unknown(words: list[str], analysis: Analysis) -> Triage:
    if not words or set(words) & _TALK or len([word for word in words if word not in STOP_WORDS]) <= 1:
        return Triage(TriageKind.SMALL_TALK, "This needs no data.")
    missing = " ".join(word for word in words if word not in STOP_WORDS)
    return Triage(TriageKind.NOT_IN_DATA, f"Nothing in the data is called {missing}.")
