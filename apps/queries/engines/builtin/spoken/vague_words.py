"""Adjectives that judge rows without saying by what: "big orders", "good suppliers", "inactive customers"."""

import re
from collections.abc import Collection, Iterator

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import ColumnEntry
from apps.queries.engines.builtin.plan import Aggregate, Operator

from .codes import all_codes
from .conditions import still_there
from .dates import creation_date, event_label
from .draft import Draft, Option, spelled
from .frame import Fact, Others, Related, Term
from .measures import is_measure
from .paths import is_to_one
from .periods import earlier
from .wordlists import ACTIVE, BAD, GOOD, LARGE, SMALL, VAGUE
from .words import Words
from .worth import is_link

_SIZES = ("value", "amount", "total", "sum", "size", "revenue", "budget")
_RATED = frozenset(("rating", "score", "grade", "stars"))
_SCALE = re.compile(r"from ([\d.]+) to ([\d.]+)")
_GOOD_SHARE = 0.8


def vague_places(words: Words) -> set[int]:
    """Where such words stand, free to be read."""
    return {place for place in range(len(words)) if words.lower(place) in VAGUE and words.is_free(place)}


def offer_vague(draft: Draft) -> None:
    """Each such word right before what is asked about becomes an open point, as far as the data tells."""
    words = draft.words
    for named in draft.named:
        place = _place_beside(words, named.mention.start, named.mention.end)
        if draft.frame.base not in named.mention.tables or place is None:
            continue
        options = list(_options(draft, place))
        is_plain_code = words.lower(place) in ACTIVE and len(options) == 1  # the code alone says it
        if options and not is_plain_code:
            words.take(place, place + 1)
            draft.forks.append(options)


def _place_beside(words: Words, start: int, end: int) -> int | None:
    """Where such a word stands right before a name, or is said of it ("which customers are inactive")."""
    said_of = end + 1 if words.lower(end) in ("are", "is", "were", "was") else start
    places = (place for place in (start - 1, said_of) if words.lower(place) in VAGUE and words.is_free(place))
    return next(places, None)


def _options(draft: Draft, place: int) -> Iterator[Option]:
    said = draft.words.lower(place)
    if said in LARGE | SMALL:
        yield from _sizes(draft, place, large=said in LARGE)
    elif said in GOOD | BAD:
        yield from _ratings(draft, place, good=said in GOOD)
    else:
        yield from _states(draft, place, active=said in ACTIVE)


def _option(draft: Draft, place: int, label: str, meaning: str, fact: Fact | None = None, related: Related | None = None
) -> Option:  # fmt: skip
    choice = Choice(ChoiceField.FILTER, draft.words.text(place, place + 1), label, meaning)
    chunk = (place, f"({label[0].lower()}{label[1:]})")
    return Option(choice, (fact,) if fact else (), chunk, (related,) if related else ())


def _sizes(draft: Draft, place: int, *, large: bool) -> Iterator[Option]:
    """Above the mean, and far above it, by the table's own amount; amounts in several currencies are none."""
    entry = _first(draft, _SIZES)
    if entry is None:
        return
    operator, sign, side = (Operator.GREATER, ">", "above") if large else (Operator.LESS, "<", "below")
    name = " ".join(entry.words).capitalize()
    far = f"{name} over twice the average" if large else f"{name} under half the average"
    for times, label in ((1.0, f"{name} {side} the average"), (2.0 if large else 0.5, far)):
        mean = Term(entry.key, others=Others(Aggregate.AVG, times=times))
        bound = "the average of all" if times == 1 else f"{times:g} times the average of all"
        fact = Fact(Term(entry.key), operator, mean)
        yield _option(draft, place, label, f"{spelled(entry.key)} {sign} {bound}", fact)


def _first(draft: Draft, wanted: Collection[str]) -> ColumnEntry | None:
    columns = [one for one in draft.catalog.tables[draft.frame.base].columns if is_measure(one)]
    found = (one for word in wanted for one in columns if word in one.words and "currency" not in one.column.comment)
    return next(found, None)


def _ratings(draft: Draft, place: int, *, good: bool) -> Iterator[Option]:
    """Against the mean, and against the scale that the comment tells."""
    entry = _first(draft, _RATED)
    if entry is None:
        return
    name = " ".join(entry.words)
    sign, operator = (">", Operator.GREATER) if good else ("<", Operator.LESS)
    mean = Fact(Term(entry.key), operator, Term(entry.key, others=Others(Aggregate.AVG)))
    label = f"{name.capitalize()} {'above' if good else 'below'} the average"
    yield _option(draft, place, label, f"{spelled(entry.key)} {sign} the average of all", mean)
    if scale := _SCALE.search(entry.column.comment):
        low, high = float(scale.group(1)), float(scale.group(2))
        bound = high * _GOOD_SHARE if good else low + (high - low) * (1 - _GOOD_SHARE)
        sign, operator = (">=", Operator.AT_LEAST) if good else ("<=", Operator.AT_MOST)
        label = f"{name.capitalize()} of {bound:g} or {'more' if good else 'less'}"
        yield _option(
            draft, place, label, f"{spelled(entry.key)} {sign} {bound:g}", Fact(Term(entry.key), operator, bound)
        )


def _states(draft: Draft, place: int, *, active: bool) -> Iterator[Option]:
    """The state that is recorded, and whether something happened within a year."""
    base = draft.frame.base
    code = next((one for one in all_codes(draft.catalog) if one.column[0] == base and one.words == ("active",)), None)
    if code is not None:
        operator, sign = (Operator.EQUAL, "=") if active else (Operator.NOT_EQUAL, "<>")
        label = f"{code.column[1].capitalize()} is {'' if active else 'not '}active"
        fact = Fact(Term(code.column), operator, code.value)
        yield _option(draft, place, label, f"{spelled(code.column)} {sign} {code.value!r}", fact)
    elif key := still_there(draft):
        event, operator = event_label(draft.catalog.columns[key]).lower(), Operator.IS_NULL
        label = f"Not {event}" if active else event.capitalize()
        fact = Fact(Term(key), operator if active else Operator.NOT_NULL)
        yield _option(draft, place, label, f"{spelled(key)} is {'' if active else 'not '}empty", fact)
    for table, date in _happenings(draft)[:1]:
        fact = Fact(Term(date.key), Operator.AT_LEAST, earlier(draft.today, "month", 12))
        name = table.rpartition(".")[2].replace("_", " ")
        label = f"{'With' if active else 'Without'} {name} in the last 12 months"
        meaning = f"{'some' if active else 'no'} {spelled(date.key)} since {fact.value}"
        yield _option(draft, place, label, meaning, related=Related(table, (fact,), negated=not active))


def _happenings(draft: Draft) -> list[tuple[str, ColumnEntry]]:
    """Tables whose rows belong to those asked about and tell when something happened."""
    catalog, base = draft.catalog, draft.frame.base
    joins = [one for one in catalog.joins.joins_from(base) if one.declared and one.target != base]
    names = [one.target for one in joins if not is_to_one(one, catalog) and is_to_one(one.reversed(), catalog)]
    dated = [(name, date) for name in dict.fromkeys(names) if (date := creation_date(catalog, name))]
    return [(name, date) for name, date in dated if not is_link(catalog.tables[name]) and _is_event(draft, name)]


def _is_event(draft: Draft, table: str) -> bool:
    """Whether rows are something that happens: they tell of a time and of something under or beside them."""
    keys = draft.catalog.tables[table].table.foreign_keys
    return len(keys) > 1
