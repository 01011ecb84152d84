"""Words that neither schema, nor stored value, nor lexicon knows: the more of them, the less a reading is sure."""

from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.readings import Reading
from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind

from .analysis import Analysis
from .cues import meanings
from .spans import SpanKind

FAINTEST_LINK = 0.3
# What is left of a score after so many unknown words. On the development databases, learned readings over the threshold
# were right in 91 % without such a word and in 84 % with one, when one left 0.92.
KEPT = (1.0, 0.88, 0.75, 0.5, 0.3)


def unknown_words(analysis: Analysis) -> tuple[str, ...]:
    """The content words of a question that nothing explains, in order."""
    valued = {
        index
        for span in analysis.spans
        if span.matches or span.quoted or span.kind is SpanKind.DATE
        for index in range(span.start, span.end)
    }
    return tuple(
        token.text
        for index, token in enumerate(analysis.tokens)
        if token.kind is TokenKind.WORD
        and token.number is None
        and index not in valued
        and token.lemma not in STOP_WORDS
        and not meanings(token.lemma)
        and analysis.best_quality[index] < FAINTEST_LINK
    )


def doubted(readings: Sequence[Reading], unknown: Sequence[str]) -> list[Reading]:
    """The same readings, less sure by the unknown words, which they name as unexplained."""
    if not unknown:
        return list(readings)
    kept = KEPT[min(len(unknown), len(KEPT) - 1)]
    return [
        replace(one, score=one.score * kept, unexplained=tuple(dict.fromkeys([*one.unexplained, *unknown])))
        for one in readings
    ]
