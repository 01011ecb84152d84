"""Questions for the best of something that do not say by what: "our best customers", "top 5 products", "sell best"."""

from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField

from .draft import Draft, Named, NotUnderstood, Role
from .frame import Frame, Group, Term
from .naming import plural, show_rows
from .relations import relate
from .superlatives import best_of_each
from .words import Words
from .worth import Worth, ways_by_word, ways_to_judge, ways_to_sell

_BEST = {"best": True, "top": True, "worst": False, "strongest": True, "weakest": False, "best-selling": True,
         "bestselling": True, "top-selling": True, "best-performing": True}  # fmt: skip
_MOST = frozenset("popular successful important valuable".split())
_SMALL = frozenset("our the their its my three".split())
_PLAIN = (Role.LISTED, Role.PLAIN, Role.GROUP)
FEW = 10


def judged(draft: Draft) -> bool:
    """Rank rows by what makes them best: an open point where the data tells it in several ways."""
    if any(one.role not in _PLAIN for one in draft.named):
        return False
    for named in draft.named:
        if len(named.mention.tables) != 1 or named.role is Role.GROUP:
            continue
        if (found := _judgement(draft.words, named)) is not None:
            return _ranked(draft, named, *found)
    return False


def _judgement(words: Words, named: Named) -> tuple[int, int, bool] | None:
    """Where the judgement begins and ends, and whether the best come first."""
    start, end = named.mention.start, named.mention.end
    place = start - 1
    while place >= 0 and (words.number(place) is not None or words.lower(place) in _SMALL):
        place -= 1
    if words.lower(place) in _BEST:
        return place - (words.number(place - 1) is not None), end, _BEST[words.lower(place)]
    if words.lower(place) in _MOST and words.lower(place - 1) in ("most", "least"):
        return place - 1, end, words.lower(place - 1) == "most"
    return _said_of(words, end)


def _said_of(words: Words, end: int) -> tuple[int, int, bool] | None:
    """The same where it is said of them, or told by how they sell."""
    after = end + (words.lower(end) in ("are", "is", "that", "which"))
    is_said_of = after > end and words.lower(end) in ("are", "is")
    best = after + (words.lower(after) == "the")
    if is_said_of and words.lower(best) in _BEST and not words.lower(best + 1).isalpha():
        return best, best + 1, _BEST[words.lower(best)]
    first, second = words.lower(after), words.lower(after + 1)
    if first in ("sell", "sells", "sold", "selling") and second in ("best", "most", "worst"):
        return after, after + 2, second != "worst"
    if first in ("best", "worst") and second in ("selling", "sold"):
        return after, after + 2, first == "best"
    return None


def _ranked(draft: Draft, named: Named, start: int, end: int, descending: bool) -> bool:
    words, table = draft.words, named.mention.tables[0]
    by = _said_after_by(words, end)
    sells = any("sell" in words.lower(place) or words.lower(place) == "sold" for place in range(start, end))
    ways = ways_to_sell(draft.catalog, table) if sells else ways_to_judge(draft.catalog, table)
    ways = ways_by_word(draft.catalog, table, words.lemma(by)) if by else ways
    if not ways:
        return False
    if draft.alternatives:
        raise NotUnderstood("two open points that change the frame")
    phrase = words.text(by, by + 1) if by else words.text(start, end).removeprefix("our ")
    words.take(start, end)
    words.take(by - 1, by + 1) if by else None
    limit = _limit(draft, named)
    asks = "" if by else "By what should “{phrase}” be ranked?"
    draft.alternatives = [Choice(ChoiceField.METRIC, phrase, one.label, one.meaning, asks) for one in ways]
    way = ways[min(draft.taken, len(ways) - 1)]
    draft.frame = replace(_frame(draft, table, way), descending=descending, limit=limit)
    best_of_each(draft)
    draft.noun = f"{words.text(min(start, named.mention.start), end)} {way.label.lower()}".capitalize()
    named.is_used = True
    relate(draft, [named])
    return True


def _frame(draft: Draft, table: str, way: Worth) -> Frame:
    name = show_rows(draft, table)[0]
    if way.base == table:
        return Frame(table, show=(name,), rank_by=way.measure.term)
    identity = draft.catalog.tables[table].id_column
    group = Group(Term(name.key), identity.key if identity and identity.key != name.key else None)
    return Frame(way.base, measure=way.measure, groups=(group,), hide_measure=True)


def _said_after_by(words: Words, end: int) -> int | None:
    """ "top customers by revenue": the word that says by what, where no name does."""
    place = next(
        (at for at in range(end, len(words) - 1) if words.lower(at) == "by" and words.is_free(at, at + 2)), None
    )
    return None if place is None else place + 1


def _limit(draft: Draft, named: Named) -> int:
    """As many as are said, one where one is asked for, else a few."""
    words, place = draft.words, named.mention.end - 1
    if named.number:
        return named.number
    number = next((words.number(at) for at in range(max(0, place - 3), place) if words.number(at)), None)
    if number is not None:
        if number != int(number):
            raise NotUnderstood("half a row")
        return int(number)
    if words.lower(place) == words.lemma(place):
        return 1
    draft.assumptions.append(f"The first {FEW} {plural(draft, named)} are shown.")
    return FEW
