"""What each name in a question is there for, judged by the words before it."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from apps.queries.engines.builtin.plan import Aggregate, Operator

from .comparison_words import comparison_before
from .draft import Named, Role
from .mentions import Mention
from .overlays import Over, Overlay
from .settled_roles import settle_roles
from .sorting import SortMark
from .wordlists import ARTICLES, VERB_COLUMNS
from .words import Words

AGGREGATES = {
    "average": Aggregate.AVG,
    "mean": Aggregate.AVG,
    "avg": Aggregate.AVG,
    "total": Aggregate.SUM,
    "sum": Aggregate.SUM,
    "overall": Aggregate.SUM,
    "combined": Aggregate.SUM,
    "maximum": Aggregate.MAX,
    "max": Aggregate.MAX,
    "minimum": Aggregate.MIN,
    "min": Aggregate.MIN,
}
_EXTREMES = {
    "highest": True,
    "largest": True,
    "biggest": True,
    "greatest": True,
    "top": True,
    "latest": True,
    "most": True,
    "lowest": False,
    "smallest": False,
    "least": False,
    "fewest": False,
    "earliest": False,
    "longest": True,
    "shortest": False,
    "best": True,
    "worst": False,
}
_GROUPERS = frozenset(("per", "by", "each", "every"))
_DIVIDED = frozenset(("grouped", "divided", "broken", "ordered", "placed"))
_NONE = frozenset(("no", "without", "zero", "missing", "lacking", "lack", "lacks", "unknown"))
_LISTERS = frozenset(("which", "what", "list", "show", "name", "give", "find", "who", "display"))
NEGATIONS = frozenset(("not", "never", "no", "without", "none", "neither", "n't"))


def roles_of(
    mentions: Sequence[Mention],
    words: Words,
    adjectives: Collection[int],
    sort: SortMark | None = None,
    over: Overlay | None = None,
) -> list[Named]:
    """The role of each name; of two nouns in a row ("product category") the last one has it.

    `adjectives` are places of values and codes, which may stand between a name and the words that give it its role.
    """
    kept = [one for one in mentions if not _only_says_name(one, words)]
    named = [
        Named(mention, Role.SORT) if sort and sort.by == mention.start else role_of(mention, words, adjectives, over)
        for mention in kept
    ]
    for left, right in pairwise(named):
        is_verb = words.lower(right.mention.start) in VERB_COLUMNS
        is_plural = words.lower(left.mention.end - 1) != words.lemma(left.mention.end - 1)
        is_verb |= is_plural and bool(right.mention.tables)  # "instructors teach", where "customer orders" are orders
        is_verb |= words.lower(right.mention.start).endswith("ed")  # "customers signed up"
        if left.mention.end == right.mention.start and left.mention.tables and right.role is Role.PLAIN and not is_verb:
            mention, right.mention = right.mention, left.mention
            left.mention = mention
    settle_roles(named, words)
    return sorted(named, key=lambda one: one.mention.start)


def _only_says_name(mention: Mention, words: Words) -> bool:
    """ "the names of the customers" are how people list customers."""
    return (
        mention.end - mention.start == 1 and words.lemma(mention.start) == "name" and words.lower(mention.end) == "of"
    )


def role_of(mention: Mention, words: Words, adjectives: Collection[int] = (), over: Overlay | None = None) -> Named:
    """The role of a name; the words that give it are taken."""
    first, second, third = _before(words, mention.start, adjectives)
    one, two, three = words.lower(first), words.lower(second), words.lower(third)
    if one == "many" and two == "how":
        return _taken(words, adjectives, second, mention, Role.COUNTED)
    if one == "of" and two == "many":
        return _taken(words, adjectives, third, mention, Role.COUNTED)
    if over and over.kind is not Over.NOTHING and over.end in (mention.start, first + 1, second + 1):
        return _overlaid(mention, words, first)
    if one == "of" and two in ("number", "count", "amount") and (two != "amount" or three in _EXTREMES):
        return _number_of(mention, words, adjectives, second, third)
    if one in ("most", "fewest", "least") and two not in ("at", "the most"):
        return _taken(words, adjectives, first, mention, Role.MOST, descending=one == "most")
    if one in _EXTREMES and one != "top" and mention.columns:
        return _taken(words, adjectives, first, mention, Role.EXTREME, descending=_EXTREMES[one])
    if one in AGGREGATES and two in _EXTREMES:
        aggregate, descending = AGGREGATES[one], _EXTREMES[two]
        return _taken(words, adjectives, second, mention, Role.EXTREME, aggregate=aggregate, descending=descending)
    if one in AGGREGATES or (one == "of" and two in AGGREGATES):
        word = one if one in AGGREGATES else two
        return _taken(
            words,
            adjectives,
            first if one in AGGREGATES else second,
            mention,
            Role.AGGREGATED,
            aggregate=AGGREGATES[word],
        )
    is_agent = one == "by" and words.lower(second).endswith(("ed", "en")) and words.lower(second) not in _DIVIDED
    is_agent |= one == "by" and _places_orders(mention, words, first - 1, adjectives)
    if one in _GROUPERS and not is_agent and not (one == "by" and _is_described(mention, first, adjectives)):
        start = first - 1 if words.lower(first - 1) in ("for", "in", "by", "through", "of", "from", "at") else first
        return _taken(words, adjectives, start, mention, Role.GROUP)
    return _counted_or_plain(mention, words, adjectives, first, second)


def _places_orders(mention: Mention, words: Words, verb: int, adjectives: Collection[int]) -> bool:
    """ "placed by customers in Ireland": those who did it, where "placed by month" divides."""
    is_from = words.lower(mention.end) in ("in", "from") and mention.end + 1 in adjectives
    return words.lower(verb) in ("placed", "ordered") and bool(mention.tables) and is_from


def _is_described(mention: Mention, by: int, adjectives: Collection[int]) -> bool:
    """ "by the Physics department", "by customer Ada": one that a value names, not each of them."""
    return mention.end in adjectives or any(place in adjectives for place in range(by + 1, mention.start))


def _overlaid(mention: Mention, words: Words, first: int) -> Named:
    """What a share or a running total is of: rows are counted, numbers are added up."""
    one = words.lower(first)
    if one in AGGREGATES:
        words.take(first, first + 1)
    if mention.tables:
        return Named(mention, Role.COUNTED)
    return Named(mention, Role.AGGREGATED, aggregate=AGGREGATES.get(one, Aggregate.SUM))


def _counted_or_plain(mention: Mention, words: Words, adjectives: Collection[int], first: int, second: int) -> Named:
    one = words.lower(first)
    if one in _NONE:
        return _taken(words, adjectives, first, mention, Role.ABSENT)
    if one == "any" and words.take_any(
        *NEGATIONS, "don't", "doesn't", "didn't", "haven't", "hasn't", "isn't", "aren't"
    ):
        return _taken(words, adjectives, first, mention, Role.ABSENT)
    number = words.number(first)
    if number is not None and number == int(number) and words.is_free(first):
        compared = comparison_before(words, first)
        if compared:
            start, operator = compared
            return _taken(words, adjectives, start, mention, Role.COMPARED, operator=operator, number=int(number))
        is_top = words.lower(second) in ("top", "first", "best", "bottom")
        found = _taken(words, adjectives, second if is_top else first, mention, Role.LISTED, number=int(number))
        found.is_top = is_top
        return found
    if one in ("is", "are", "was", "were") and words.lower(second) in ("who", "which") and mention.tables:
        return _taken(words, adjectives, second, mention, Role.LISTED)
    if mention.pointer and one in _LISTERS:
        return _taken(words, adjectives, first, mention, Role.PLAIN)
    if one in _LISTERS or one == "top" or (one == "of" and words.lower(second) in ("name", "names", "list")):
        return _taken(words, adjectives, second if one == "of" else first, mention, Role.LISTED)
    return Named(mention, Role.PLAIN)


def _number_of(mention: Mention, words: Words, adjectives: Collection[int], second: int, third: int) -> Named:
    said = words.lower(third)
    if said in _EXTREMES:
        return _taken(words, adjectives, third, mention, Role.MOST, descending=_EXTREMES[said])
    if said in ("average", "mean"):
        return _taken(words, adjectives, third, mention, Role.MEAN_COUNT)
    if said == "by":
        return _taken(words, adjectives, third, mention, Role.MOST)
    return _taken(words, adjectives, second if said != "total" else third, mention, Role.COUNTED)


def _taken(
    words: Words,
    adjectives: Collection[int],
    start: int,
    mention: Mention,
    role: Role,
    *,
    number: int | None = None,
    operator: Operator | None = None,
    aggregate: Aggregate | None = None,
    descending: bool = True,
) -> Named:
    for place in range(max(start, 0), mention.start):
        if place not in adjectives and words.lower(place) != "new" and not words.lower(place).endswith("ed"):
            words.take(place, place + 1)
    return Named(mention, role, number, operator, aggregate, descending)


def _before(words: Words, place: int, adjectives: Collection[int]) -> tuple[int, int, int]:
    """The three words before a place, articles and adjectives left out ("German and French customers")."""
    found: list[int] = []
    place -= 1
    while len(found) < 3:
        if place < 0 or not (words.lower(place) in ARTICLES | {"new"} or _is_adjective(words, place, adjectives)):
            found.append(place)
        place -= 1
    return found[0], found[1], found[2]


def _is_adjective(words: Words, place: int, adjectives: Collection[int]) -> bool:
    said = words.lower(place)
    if said in ("and", "or", ","):
        return place - 1 in adjectives and place + 1 in adjectives
    return place in adjectives or (said.endswith("ed") and words.is_free(place))
