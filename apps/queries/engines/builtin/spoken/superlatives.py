"""Questions for the most, the highest and the top ten."""

from dataclasses import replace

from apps.queries.engines.builtin.plan import Aggregate

from .adjectives import Ranking, ranking_before
from .draft import Draft, Named, NotUnderstood, Role, key_words
from .frame import Frame, Group, Measure, Term
from .grouping import group_of, unit_group
from .naming import listed_name, plural, show_rows, table_of
from .quantities import quantity
from .relations import relate


def most(draft: Draft) -> bool:
    """ "which employee took the most orders", "top 10 ship countries by number of orders"."""
    most, listed = draft.one(Role.MOST), draft.one(Role.LISTED)
    if most is None:
        return False
    if most.mention.tables:
        base, measure = table_of(draft, most), Measure(Aggregate.COUNT)
    else:
        key = quantity(draft, most.mention)
        base, measure = key[0], Measure(Aggregate.SUM, Term(key))
    if draft.unit is not None:
        group = unit_group(draft, base)
        title = draft.unit.unit.capitalize()
    else:
        if listed is None:
            raise NotUnderstood("nothing is listed")
        group, title = group_of(draft, listed, base), plural(draft, listed).capitalize()
    draft.frame = Frame(
        base,
        measure=measure,
        groups=(group,),
        descending=most.descending,
        limit=_limit(draft),
        hide_measure=not _is_by(draft, most),
    )
    _show_number_too(draft, most)
    if (
        draft.sort and listed and listed.number is None
    ):  # "which authors have the most papers, ordered by …": all of them
        draft.frame = replace(draft.frame, limit=None, hide_measure=False)
    best_of_each(draft)
    draft.noun = f"{title} with the {'most' if most.descending else 'fewest'} {plural(draft, most)}"
    relate(draft, [most, *([listed] if listed else [])])
    return True


def _is_by(draft: Draft, most: Named) -> bool:
    """ "top ten by number of orders" asks for the numbers too."""
    before = [draft.words.lower(place) for place in range(max(0, most.mention.start - 4), most.mention.start)]
    return "by" in before and bool({"number", "count"} & set(before))


def _show_number_too(draft: Draft, most: Named) -> None:
    """ "…, and how many visits did it have?" asks for the number beside the name."""
    words = draft.words
    before = next((one for one in draft.all(Role.COUNTED) if one.mention.start < most.mention.start), None)
    if (
        before and before.mention.tables == most.mention.tables
    ):  # "the customer and number of accounts with most accounts"
        draft.frame = replace(draft.frame, hide_measure=False)
        return
    place = next((at for at in range(most.mention.end, len(words) - 2) if words.says(at, "and", "how", "many")), None)
    if place is None:
        return
    again = next((one for one in draft.all(Role.COUNTED) if one.mention.start >= place), None)
    if again and set(again.mention.tables) != set(most.mention.tables):
        raise NotUnderstood("how many of what?")
    words.take(place, len(words))
    if again:
        again.is_used = True
    draft.frame = replace(draft.frame, hide_measure=False)


def _limit(draft: Draft) -> int:
    listed = listed_name(draft)
    return (listed.number if listed else None) or 1


def extreme(draft: Draft) -> bool:
    """ "which product has the highest list price", "the five customers with the highest lifetime value"."""
    extreme, listed = draft.one(Role.EXTREME), listed_name(draft)
    if extreme is None:
        return False
    if listed is None or _is_of_all(draft, extreme, listed):
        return _extreme_value(draft, extreme)
    if not listed.mention.tables or extreme.aggregate or not _keys_in(extreme, table_of(draft, listed)):
        return _extreme_of_sums(draft, extreme, listed)
    base = table_of(draft, listed)
    keys = _keys_in(extreme, base)
    if len(keys) != 1:
        raise NotUnderstood("several columns of this name")
    term = extreme.term or Term(keys[0])
    _rank_rows(draft, base, term, extreme.descending)
    entry = draft.catalog.columns[keys[0]]
    if entry.column.nullable and not extreme.descending:
        draft.assumptions.append(f"Rows without {key_words(draft.catalog, keys[0])} come last.")
    word = "highest" if extreme.descending else "lowest"
    draft.noun = f"{plural(draft, listed).capitalize()} with the {word} {plural(draft, extreme)}"
    _take_order(draft)
    relate(draft, [extreme, listed])
    return True


def described(draft: Draft) -> bool:
    """ "the oldest patient", "the 3 highest paid employees in each department"."""
    listed = listed_name(draft)
    if listed is None or len(listed.mention.tables) != 1:
        return False
    base = listed.mention.tables[0]
    ranking = next(
        (one for place in _places_before(draft, listed) if (one := ranking_before(draft, place, base))), None
    )
    if ranking is None:
        return False
    draft.words.take(ranking.start, ranking.end)
    number = draft.words.number(ranking.start - 1)
    if number is not None and number == int(number):
        draft.words.take(ranking.start - 1, ranking.start)
        listed.number = int(number)
    _rank_rows(draft, base, Term(ranking.column.key), ranking.descending)
    draft.noun = f"{_said(draft, ranking)} {plural(draft, listed)}".capitalize()
    relate(draft, [listed])
    return True


def _said(draft: Draft, ranking: Ranking) -> str:
    return draft.words.text(ranking.start, ranking.end)


def _places_before(draft: Draft, listed: Named) -> list[int]:
    """Where an adjective of the name may end: right before it, or before the values that narrow it."""
    values = {place for said in draft.values for place in range(said.start, said.end)}
    place = listed.mention.start
    places = [place]
    while place - 1 in values:
        place -= 1
        places.append(place)
    return places


def _rank_rows(draft: Draft, base: str, term: Term, descending: bool) -> None:
    draft.frame = Frame(base, show=show_rows(draft, base), rank_by=term, descending=descending, limit=_limit(draft))
    best_of_each(draft)


def best_of_each(draft: Draft) -> None:
    """ "in each category": the limit then holds within each."""
    each = draft.one(Role.GROUP)
    if each is None:
        return
    frame = draft.frame
    group = group_of(draft, each, frame.base)
    draft.says(each.mention.start, f"in each {plural(draft, each)}")
    if frame.measure:
        draft.frame = replace(frame, groups=(group, *frame.groups), top_per=group.term, hide_measure=False)
    else:
        shown = [group.term, *frame.show, *([frame.rank_by] if frame.rank_by else [])]
        draft.frame = replace(frame, show=tuple(shown), top_per=group.term)


def _keys_in(named: Named, table: str) -> list[tuple[str, str]]:
    return [key for key in named.mention.columns if key[0] == table]


def _extreme_of_sums(draft: Draft, extreme: Named, listed: Named) -> bool:
    """ "the course with the highest average score": the number stands in rows of another table, or in many."""
    columns = extreme.mention.columns
    key = columns[0] if len(columns) == 1 else quantity(draft, extreme.mention)
    if extreme.aggregate is None and not extreme.is_sum:
        raise NotUnderstood("the column is elsewhere")
    aggregate = extreme.aggregate or Aggregate.SUM
    group: Group = group_of(draft, listed, key[0])
    draft.frame = Frame(
        key[0],
        measure=Measure(aggregate, extreme.term or Term(key)),
        groups=(group,),
        descending=extreme.descending,
        limit=_limit(draft),
        hide_measure=not listed.is_top,
    )
    best_of_each(draft)
    word = "highest" if extreme.descending else "lowest"
    kind = {Aggregate.AVG: "average ", Aggregate.SUM: "total "}.get(aggregate, "")
    draft.noun = f"{plural(draft, listed).capitalize()} with the {word} {kind}{plural(draft, extreme)}"
    _take_order(draft)
    relate(draft, [extreme, listed])
    return True


def _extreme_value(draft: Draft, extreme: Named) -> bool:
    """ "What is the highest salary?"."""
    before = {draft.words.lower(extreme.mention.start - back) for back in (2, 3)}
    if "with" in before or any(other.mention.start == extreme.mention.end for other in draft.named):
        raise NotUnderstood("which row is meant?")
    extreme.aggregate = Aggregate.MAX if extreme.descending else Aggregate.MIN
    extreme.role = Role.AGGREGATED
    return False


def _is_of_all(draft: Draft, extreme: Named, listed: Named) -> bool:
    """ "the highest rank of all reviews" asks for the rank."""
    between = [draft.words.lower(place) for place in range(extreme.mention.end, listed.mention.start)]
    return listed.role is Role.PLAIN and between[:1] in (["of"], ["in"], ["among"]) and len(between) < 4


def _take_order(draft: Draft) -> None:
    """ "…, highest first" says what the ranking does anyway."""
    for place in range(len(draft.words) - 1):
        says = draft.words.lower(place) in ("highest", "largest", "biggest") and draft.words.says(place + 1, "first")
        if says and draft.frame.descending:
            draft.words.take(place, place + 2)
