"""Which known questions are like one that is asked: rare words that both have count most. No Django here."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from .names import STOP_WORDS, lemma

WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Example:
    """A verified question with its SQL. `likeness` to the question asked lies between 0 and 1."""

    question: str
    sql: str
    likeness: float = 0.0
    names_values: bool = True


@lru_cache(maxsize=8_192)
def telling_words(question: str) -> frozenset[str]:
    """What a question is about: its words but for numbers and those that any question has."""
    words = (one.lower() for one in WORD.findall(question))
    return frozenset(lemma(one) for one in words if one not in STOP_WORDS)


def likenesses(question: str, known: Sequence[str]) -> list[float]:
    """How much of what either question says both say, each word weighed by how few of the known ones have it."""
    asked, others = telling_words(question), [telling_words(one) for one in known]
    counts = Counter(word for words in others for word in words)

    def weight(words: Iterable[str]) -> float:
        return sum(log(1 + (len(known) + 1) / (counts[word] + 0.5)) for word in words)

    return [weight(asked & words) / weight(asked | words) if asked & words else 0.0 for words in others]
