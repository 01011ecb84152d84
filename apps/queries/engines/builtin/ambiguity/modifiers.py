"""Where the modifiers of a coordination stand, and which words leave no doubt about what they belong to."""

from dataclasses import dataclass

from apps.queries.engines.builtin.cues import meanings

from .coordination import Coordination
from .heard import Heard
from .values import places_of
from .wordlists import AUXILIARIES, DETERMINERS, PARTICIPLES, PREPOSITIONS, RELATIVES

Stretch = tuple[int, int]
_ADDING = frozenset(("plus", "but", "along", "together", "addition"))
_WHOLE = frozenset(("all", "every", "each", "any", "the"))


@dataclass(frozen=True)
class Modifiers:
    """The stretches of words that may narrow the conjuncts: before and after the first, before and after the last."""

    before_first: Stretch
    after_first: Stretch
    before_last: Stretch
    after_last: Stretch


def modifiers_of(heard: Heard, found: Coordination) -> Modifiers:
    """The words beside the conjuncts; before the first only values that stand right there."""
    first, last = found.conjuncts[0], found.conjuncts[-1]
    valued = places_of(heard.values) | places_of(heard.flags)
    start = first.start
    while start - 1 in valued:
        start -= 1
    return Modifiers(
        (start, first.start), (found.conjuncts[-2].end, found.joint), (found.after, last.start), (last.end, heard.end)
    )


def is_predicate(heard: Heard, found: Coordination) -> bool:
    """Whether what follows is said of all that "which" asks for: "Which cats and dogs are black?"."""
    if heard.word(0) not in ("which", "what") or heard.word(1) in AUXILIARIES:
        return False
    word = heard.word(found.conjuncts[-1].end)
    if word in AUXILIARIES:
        return True
    is_modifier = word in PREPOSITIONS | RELATIVES | PARTICIPLES | DETERMINERS or word.endswith(("ing", "ed"))
    return not is_modifier and not meanings(word)


def says_both(heard: Heard, said: Modifiers) -> bool:
    """ "… who are both on a contract", "… all of whom live there", "both the old men and women"."""
    start, end = said.after_last
    return heard.says(start, end, "both", "all", "each", "either", "cases") or heard.says(
        said.before_first[0] - 2, end, "alike"
    )


def says_nearest(heard: Heard, found: Coordination, said: Modifiers, *, leads: bool) -> bool:
    """Words that close one conjunct off from the other's modifier: "all films, plus …", "… and all shoes", "only"."""
    start, end = said.before_last[0], said.before_last[1]
    if _ADDING & set(heard.words[found.joint : start]) or heard.says(start, said.after_last[0] + 2, "only", "just"):
        return True
    if heard.word(found.after) == "of":
        return True
    if leads:
        return heard.says(start, end, *_WHOLE) or heard.says(0, said.before_first[0], "only", "just")
    return heard.word(found.joint) == "," and heard.says(0, said.before_first[0], "all", "every", "each")
