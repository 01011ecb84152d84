"""What names beside each other change about the roles that the words before each gave them."""

from collections.abc import Sequence
from itertools import pairwise

from .draft import Named, Role
from .wordlists import ARTICLES
from .words import Words


def settle_roles(named: Sequence[Named], words: Words) -> None:
    """Mend the roles in place."""
    _leave_averages(named, words)
    _join_enumerations(named, words)
    _rank_the_top(named, words)
    _count_what_is_divided(named)


def _leave_averages(named: Sequence[Named], words: Words) -> None:
    """ "above the average list price" compares with an average; it asks for none."""
    for one in named:
        place = one.mention.start - 1
        while words.lower(place) in ARTICLES or words.lower(place) in ("of", "for", "average", "mean"):
            place -= 1
        if one.role is Role.AGGREGATED and words.lower(place) in ("than", "above", "below", "over", "under"):
            one.role, one.aggregate = Role.PLAIN, None


def _join_enumerations(named: Sequence[Named], words: Words) -> None:
    """ "by channel and priority": what follows an "and" has the role of what stands before it."""
    for left, right in pairwise(named):
        between = [words.lower(place) for place in range(left.mention.end, right.mention.start)]
        joined = [one for one in between if one not in ARTICLES]
        if left.role is Role.GROUP and right.role is Role.PLAIN and joined in (["and"], [","], [",", "and"]):
            right.role = Role.GROUP


def _rank_the_top(named: Sequence[Named], words: Words) -> None:
    """ "top 3 products by price": what they are ranked by, no group."""
    if not any(one.is_top for one in named):
        return
    for one in named:
        if one.role is Role.GROUP and one.mention.columns and words.lower(one.mention.start - 1) == "by":
            one.role, one.descending, one.is_sum = Role.EXTREME, True, True
            return


def _count_what_is_divided(named: Sequence[Named]) -> None:
    """ "Orders by country": a question that begins with rows and divides them asks for their number in each."""
    roles = [one.role for one in sorted(named, key=lambda one: one.mention.start)]
    if roles[:1] != [Role.PLAIN] or Role.GROUP not in roles or not set(roles) <= {Role.PLAIN, Role.GROUP}:
        return
    first = min(named, key=lambda one: one.mention.start)
    if first.mention.start == 0 and first.mention.tables:
        first.role = Role.COUNTED
