"""Puts the grammar's readings before the learned ones, where the grammar accounts for every word."""

from collections.abc import Sequence
from dataclasses import replace

from apps.clarification.readings import Reading

LEARNED_SHARE = 0.3


def merged(spoken: Sequence[Reading], learned: Sequence[Reading], limit: int) -> list[Reading]:
    """At most `limit` readings; learned ones are kept beneath the rank of rivals, and each SQL comes once."""
    if not spoken:
        return list(learned)
    texts = {reading.tree.sql() for reading in spoken}
    ceiling = LEARNED_SHARE * min(reading.score for reading in spoken)
    others = [replace(one, score=min(one.score, ceiling)) for one in learned if one.tree.sql() not in texts]
    return [*spoken, *others][:limit]
