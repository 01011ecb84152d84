"""Whether the words of a question that no name and no value accounts for may be passed over."""

from collections.abc import Collection

from apps.knowledge.said import EXACT
from apps.knowledge.tokens import TokenKind

from .heard import Heard, is_deed
from .values import is_content, places_of
from .wordlists import (
    APART,
    APART_PHRASES,
    AUXILIARIES,
    BLOCKING,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    QUANTIFIERS,
    RELATIVES,
    TOGETHER,
    TOGETHER_PHRASES,
    places_of_phrases,
)

MOST_VERBS = 2
_BEFORE_NOUNS = frozenset(("a", "an", "the", "with", "of", "without", "any", "its", "their"))
# Words that ask for a number even where a column is so called.
COUNTING = frozenset("total average many count sum minimum maximum min max highest lowest".split())
_SMALL = (
    DETERMINERS | CONJUNCTIONS | RELATIVES | AUXILIARIES | PREPOSITIONS | QUANTIFIERS | APART | TOGETHER
    | frozenset("please only just both also too he she they it there available i want need know see could you "
                "name names number numbers display provide tell print select output return get retrieve fetch "
                "identify state enumerate exist exists up out look looks after".split())
)  # fmt: skip


def is_accounted(heard: Heard, taken: Collection[int]) -> bool:
    """Whether what is left over are at most a verb or two, none of them right before a name, and nothing that asks for
    more than rows."""
    passed = places_of_phrases(heard.words, (*TOGETHER_PHRASES, *APART_PHRASES))
    valued = places_of(heard.values)
    left = 0
    for place in range(heard.end):
        token, word = heard.analysis.tokens[place], heard.word(place)
        if (word in COUNTING and place not in valued) or (word == "number" and heard.word(place + 1) == "of"):
            return False
        if place in taken or place in passed:
            continue
        if word in _SMALL or token.kind is TokenKind.PUNCTUATION:
            continue
        if token.lemma in BLOCKING or word in BLOCKING:
            return False
        if not is_content(token):
            continue
        if _is_said_of(heard, place):
            return False
        is_verb = token.kind is TokenKind.WORD and token.number is None and not (token.is_capitalized and place)
        is_inflected = word.endswith(("ing", "ed", "s")) or heard.word(place - 1) in RELATIVES
        if not is_verb or (place + 1 in taken and not is_inflected):
            return False
        left += 1
    return left <= MOST_VERBS


def _is_said_of(heard: Heard, place: int) -> bool:
    """Whether a word is a noun that something is said with ("with a garden", "of the year"), or names a column."""
    exact = any(link.way == EXACT and link.start <= place < link.end for link in heard.analysis.links if link.column)
    return heard.word(place - 1) in _BEFORE_NOUNS or (exact and not is_deed(heard.word(place)))
