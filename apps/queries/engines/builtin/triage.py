"""Tells apart what a question asks of us: an answer from the data, a talk, a change, or something the data does not
hold."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any

from apps.knowledge.names import word_set
from apps.knowledge.tokens import TokenKind
from apps.queries.context import Context

from .analysis import Analysis, analyze
from .continuing import whole_question
from .engine import leaning_readings
from .linear import Classifier, sigmoid
from .phrases import SUMMED
from .pleasantries import is_pleasantry
from .spans import SpanKind
from .spoken import spoken_readings
from .trees import Trees, read_trees
from .triage_features import STRONG, triage_features

UNDERSTOOD = 0.25  # the grammar's score from which a question is one, whatever the classifier makes of its words
LINEAR_SHARE = 0.3
# Turning a question away wrongly is worse than trying to answer it.
FAVOURED = {"answerable": 1.2, "ambiguous": 1.2}
WEIGHTS_FILE = Path(__file__).with_name("triage.json.gz")
_CHANGES = word_set(
    """
    delete remove drop insert add create update change set raise increase decrease rename truncate alter edit
    modify erase cancel replace reset move merge clear purge
    """
)
ASKS = word_set(
    """
    who what which when where how why list show find give count return display tell many much number name get
    """
)
_REASONS = {
    "answerable": "The question names things that the data holds.",
    "ambiguous": "The words leave open what exactly is meant.",
    "not_in_data": "The data does not hold what the question asks about.",
    "small_talk": "This is no question about the data.",
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
    """Judge a question by its words and the schema alone; a follow-up as the whole question that it means."""
    if is_pleasantry(context.question):
        return Triage(TriageKind.SMALL_TALK, _REASONS["small_talk"])
    analysis = analyze(context)
    if leaning_readings(context) and not _is_change([token.lemma for token in analysis.tokens]):
        return Triage(TriageKind.ANSWERABLE, _REASONS["answerable"])
    if question := whole_question(analysis):
        analysis = analyze(context.with_question(question))
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
    likely = chances(triage_features(analysis))
    kind = max(likely, key=lambda name: likely[name])
    if kind == TriageKind.SMALL_TALK and _names_data(analysis):
        kind = TriageKind.ANSWERABLE
    return Triage(TriageKind(kind), _REASONS[kind])


def _names_data(analysis: Analysis) -> bool:
    """Whether a table or a stored value is named, in a sentence that asks for something."""
    asks = any(token.lemma in ASKS for token in analysis.tokens[:3])
    held = any(span.matches or span.kind is SpanKind.DATE for span in analysis.spans)
    held = held or any(token.lemma in SUMMED for token in analysis.tokens)
    return held or (asks and any(link.quality >= STRONG for link in analysis.links))


def _is_change(words: list[str]) -> bool:
    start = 1 if words[0] in ("please", "now", "then") else 0
    if words[:2] in (["can", "you"], ["could", "you"], ["would", "you"]):
        start = 3 if words[2:3] == ["please"] else 2
    return len(words) > start and words[start] in _CHANGES


def chances(features: Sequence[str]) -> dict[str, float]:
    """How likely each kind is: what a linear model says, and what trees say that see one cue beside another."""
    model = _model()
    linear = model.linear.log_probabilities(features)
    amounts = dict.fromkeys(features, 1.0)
    grown = {kind: sigmoid(trees.score_values(amounts)) for kind, trees in model.trees.items()}
    total = sum(grown.values())
    mixed = {kind: LINEAR_SHARE * exp(linear[kind]) + (1 - LINEAR_SHARE) * grown[kind] / total for kind in grown}
    return {kind: chance * FAVOURED.get(kind, 1.0) for kind, chance in mixed.items()}


@dataclass(frozen=True)
class TriageModel:
    """The learned weights, and a sum of trees for each kind."""

    linear: Classifier
    trees: Mapping[str, Trees]

    def as_json(self) -> dict[str, Any]:
        """Plain values, weights rounded."""
        weights = {name: [round(one, 2) for one in row] for name, row in self.linear.weights.items()}
        trees = {kind: one.as_json() for kind, one in self.trees.items()}
        return {"classes": list(self.linear.classes), "weights": weights, "trees": trees}


@lru_cache(maxsize=1)
def _model() -> TriageModel:
    with gzip.open(WEIGHTS_FILE, "rt", encoding="utf-8") as file:
        raw = json.load(file)
    trees = {kind: read_trees(one) for kind, one in raw["trees"].items()}
    return TriageModel(Classifier(tuple(raw["classes"]), raw["weights"]), trees)
