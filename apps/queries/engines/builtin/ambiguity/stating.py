"""Which of the two scopes the words of a question leave: each one's own, shared by all, or both."""

from collections.abc import Sequence
from enum import Flag, auto

from .heard import Heard
from .quantified import Quantified, Related, repeats
from .wordlists import (
    APART,
    APART_PHRASES,
    AUXILIARIES,
    CONJUNCTIONS,
    PREPOSITIONS,
    RELATIVES,
    TOGETHER,
    TOGETHER_PHRASES,
    says_one_of,
)


class Scope(Flag):
    """What rows may be meant; none where it is no question of scope."""

    NONE = 0
    OWN = auto()
    SHARED = auto()
    EITHER = OWN | SHARED


def stated_scope(heard: Heard, said: Quantified, thing: Related) -> Scope:
    """Both scopes, or the one that the other words of the question leave."""
    if _says_apart(heard, said):
        return Scope.OWN
    if not TOGETHER.isdisjoint(heard.words) or says_one_of(heard.words, TOGETHER_PHRASES):
        return Scope.SHARED
    is_all = heard.word(said.place) == "all"
    if thing.noun.start >= said.noun.end:  # "for each gym, the activities"
        return Scope.NONE if is_all else Scope.OWN
    gap = [heard.word(place) for place in range(thing.end, said.place)]
    if CONJUNCTIONS & set(gap):
        return Scope.NONE
    last = gap[-1] if gap else ""
    if last in PREPOSITIONS:
        return _after_preposition(gap, is_all=is_all)
    if not last or last in RELATIVES | AUXILIARIES or last.endswith("ing"):
        return Scope.EITHER
    return Scope.SHARED if is_all else Scope.EITHER  # "which farms grow all crops"


def _after_preposition(gap: Sequence[str], *, is_all: bool) -> Scope:
    """ "used in every dish" may be meant either way; "for each" and "of all" alone say which rows are listed."""
    if len(gap) == 1 and gap[0] in ("for", "with"):
        return Scope.NONE if is_all else Scope.OWN
    return Scope.NONE if gap == ["of"] and is_all else Scope.EITHER


def _says_apart(heard: Heard, said: Quantified) -> bool:
    if not APART.isdisjoint(heard.words) or says_one_of(heard.words, APART_PHRASES):
        return True
    is_opening = said.place <= 1 and heard.word(said.place - 1) == "for"
    return is_opening or any(repeats(heard, place) for place in range(1, heard.end))
