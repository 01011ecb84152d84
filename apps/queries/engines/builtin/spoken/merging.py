"""Puts the grammar's readings before the learned ones, where the grammar accounts for every word."""

from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.readings import Reading
from apps.knowledge.names import root
from apps.queries.engines.builtin.analysis import Analysis

LEARNED_SHARE = 0.3
DOUBT = 0.6
_SUPERLATIVES = ("best-", "worst-", "top-")
_OPPOSITES = ("un", "non-", "non")


def strange_words(analysis: Analysis) -> list[str]:
    """Words that turn round or judge what the data knows ("unpaid", "best-selling"), and that nothing explains."""
    held = {place for span in analysis.spans if span.matches for place in range(span.start, span.end)}
    return [
        token.lemma
        for place, token in enumerate(analysis.tokens)
        if place not in held and not analysis.best_quality.get(place) and _is_strange(token.text.lower(), analysis)
    ]


def _is_strange(word: str, analysis: Analysis) -> bool:
    opposite = next((word.removeprefix(one) for one in _OPPOSITES if word.startswith(one)), "")
    return word.startswith(_SUPERLATIVES) or (len(opposite) > 2 and root(opposite) in analysis.catalog.tables_by_word)


def merged(spoken: Sequence[Reading], learned: Sequence[Reading], analysis: Analysis, limit: int) -> list[Reading]:
    """At most `limit` readings; learned ones are kept beneath the rank of rivals, and each SQL comes once.

    Where the grammar says nothing, a word such as "unpaid", whose opposite alone is known, leaves doubt.
    """
    if not spoken:
        return [replace(one, score=one.score * DOUBT) for one in learned] if strange_words(analysis) else list(learned)
    texts = {reading.tree.sql() for reading in spoken}
    ceiling = LEARNED_SHARE * min(reading.score for reading in spoken)
    others = [replace(one, score=min(one.score, ceiling)) for one in learned if one.tree.sql() not in texts]
    return [*spoken, *others][:limit]
