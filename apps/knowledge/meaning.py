"""How alike questions are in what they mean: by vectors of their texts, where a model for that is configured."""

from collections.abc import Callable, Sequence
from functools import partial

from apps.accounts.quotas import Payer
from apps.knowledge.likeness import likenesses
from apps.llm.embedding import likeness
from apps.llm.vectors import vectors_of

Likenesses = Callable[[str, Sequence[str]], list[float]]
MOST_COMPARED = 100  # the newest; every further text is a vector to fetch and compare
MOST_BY_MEANING = 0.5  # what is alike in meaning alone is an example, and no ground to be sure


def alike_for(payer: Payer, as_told: Callable[[str], str]) -> Likenesses:
    """How alike a question is to known ones, between 0 and 1, on this payer's account.

    `as_told` makes of a text what a model may be told of it.
    """
    return partial(_alike, payer, as_told)


def _alike(payer: Payer, as_told: Callable[[str], str], question: str, known: Sequence[str]) -> list[float]:
    """By their words; or by their meaning, where that is more. Vectors of any two texts point somewhat the same way, so
    what counts is how far beyond the average one is.
    """
    by_words = likenesses(question, known)
    vectors = vectors_of([as_told(one) for one in (question, *known[:MOST_COMPARED])], payer) if known else None
    if vectors is None:
        return by_words
    cosines = [likeness(vectors[0], one) for one in vectors[1:]]
    usual = sum(cosines) / len(cosines) if len(cosines) > 1 else 0.0
    beyond = [max(0.0, cosine - usual) / (1 - usual) if usual < 1 else 0.0 for cosine in cosines]
    by_meaning = [MOST_BY_MEANING * share for share in beyond] + [0.0] * (len(known) - len(beyond))
    return [max(pair) for pair in zip(by_words, by_meaning, strict=True)]
