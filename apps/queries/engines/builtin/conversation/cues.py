"""Follow-ups that say everything by themselves: "why?", "undo that", "the other way round", "top 5 only"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cue(StrEnum):
    """What is to be done with the last answer."""

    EXPLAIN = "explain"
    UNDO = "undo"
    REVERSE = "reverse"
    DESCENDING = "descending"
    ASCENDING = "ascending"
    TOP = "top"
    COUNT = "count"
    LIST = "list"
    AVERAGE = "average"
    TOTAL = "total"
    LARGEST = "largest"
    SMALLEST = "smallest"
    YEAR_BEFORE = "year before"
    SHARE = "share"


@dataclass(frozen=True)
class Cued:
    """The cue that a follow-up gives; `number` goes with TOP."""

    cue: Cue
    number: int = 1


_THAT = "(?:that|this|it|them|those|these|they|there|he|she)"
_LEAD = (
    "(?:(?:and|but|so|ok|okay|now|then|please|just|only|show|me|give|can|could|you|i want|instead|what about|how about"
    "|what is|what s) )*"
)
_TAIL = "(?: (?:please|instead|only|then|now|one|ones|of (?:them|those|these)|altogether|in total|again))*"
_PATTERNS: Mapping[Cue, str] = {
    Cue.EXPLAIN: rf"why|why (?:is|was|are|were|so)(?: {_THAT})?(?: so)?(?: (?:many|few|high|low|much|little))?|how come"
    rf"|explain(?: (?:that|this|it|the answer|the result|yourself))?(?: to me)?"
    rf"|how (?:did|do) you (?:get|know|find|count|calculate|compute|come up with|arrive at"
    rf"|work out)(?: to)?(?: {_THAT})?(?: number| result| answer| out)?"
    rf"|how (?:is|was|are|were) {_THAT}(?: number| result| answer)?"
    r" (?:calculated|computed|counted|determined|worked out|derived)"
    rf"|where (?:does|do|did) {_THAT}(?: number| numbers| result| answer)? come from|where is {_THAT} from"
    rf"|what (?:is|was|are) {_THAT} based on|what does {_THAT}(?: number)? mean|what did you count|are you sure"
    r"|what did you assume|how so",
    Cue.UNDO: rf"undo(?: {_THAT}| the last one| the last step)?|revert(?: {_THAT})?|(?:go )?back(?: to)?(?: the)?"
    r"(?: before| previous| last| first)?(?: one| answer| question| result| version| step)?|go back to before"
    r"|(?:the )?previous (?:one|answer|result)|as (?:it was )?before|forget (?:that|it|the last one)|scratch that",
    Cue.REVERSE: rf"(?:in )?the other way (?:round|around)|(?:in )?(?:the )?(?:reverse|opposite|reversed)(?: order)?"
    rf"|reverse (?:{_THAT}|the order)|flip {_THAT}",
    Cue.DESCENDING: r"(?:in )?descending(?: order)?|(?:highest|largest|biggest|most|latest|newest) first",
    Cue.ASCENDING: r"(?:in )?ascending(?: order)?|(?:lowest|smallest|least|oldest|earliest) first",
    Cue.TOP: r"(?:the )?(?:top|first|best) (?P<number>\w+)|the (?:top|first|best)",
    Cue.COUNT: rf"how many(?: (?:is|are|was|were) {_THAT})?(?: (?:of {_THAT}|do we have))?|count {_THAT}"
    rf"|how many of {_THAT} (?:are|were) there|(?:the )?(?:number|count)(?: of {_THAT})?",
    Cue.LIST: rf"(?:which|who|what)(?: ones?)?(?: exactly)? (?:is|are|was|were) {_THAT}|list {_THAT}(?: all)?"
    rf"|name {_THAT}|(?:show|see|display) {_THAT}(?: all)?|{_THAT} all|them|which(?: ones?)?|who"
    r"|(?:their |the )?names",
    Cue.AVERAGE: r"(?:the |their |its )?(?:average|mean|avg)",
    Cue.TOTAL: r"(?:the |their |its )?(?:total|sum|overall|all together)",
    Cue.LARGEST: r"(?:the )?(?:maximum|max|largest|highest|biggest|greatest|most|latest|longest|oldest|best)",
    Cue.SMALLEST: r"(?:the )?(?:minimum|min|smallest|lowest|least|fewest|earliest|shortest|youngest|worst|cheapest)",
    Cue.YEAR_BEFORE: rf"(?:how does {_THAT} |how do {_THAT} )?(?:compare|compared|comparing|comparison|versus|vs)"
    rf"(?: {_THAT})?(?: with| to| against)?(?: the)? (?:year before|previous year|prior year|last year|year earlier)",
    Cue.SHARE: r"as (?:a )?(?:share|percentage|percent|proportion|fraction)(?: of (?:the )?(?:total|whole|all))?"
    r"|in (?:percent|percentages|shares|%)",
}  # fmt: skip
_COMPILED = [(cue, re.compile(f"{_LEAD}(?:{pattern}){_TAIL}")) for cue, pattern in _PATTERNS.items()]
_NUMBERS = {name: place for place, name in enumerate("one two three four five six seven eight nine ten".split(), 1)}
LONGEST_CUE = 90


def cue_of(said: str) -> Cued | None:
    """The cue in a follow-up's words (lower case, without signs); None where it says something more."""
    if len(said) > LONGEST_CUE:
        return None
    for cue, pattern in _COMPILED:
        found = pattern.fullmatch(said)
        if found is None:
            continue
        if cue is not Cue.TOP:
            return Cued(cue)
        number = _number(found.group("number"))
        if number:
            return Cued(cue, number)
    return None


def _number(word: str | None) -> int | None:
    """How many rows: 1 where no word says so, None where the word is no number that anyone would list."""
    if word is None or word in ("only", "ones"):
        return 1
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return int(word)
    return _NUMBERS.get(word)
