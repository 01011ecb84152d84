"""What narrows the rows: values, codes, comparisons, events and times."""

from collections.abc import Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import Kind
from apps.queries.engines.builtin.plan import ColumnKey, Operator

from .codes import Code, all_codes, null_words
from .dates import CREATION_VERBS, creation_date, date_columns, event_label
from .draft import Draft, NotUnderstood, Option, Role, key_words, spelled
from .frame import Fact, Term
from .mentions import Said, event_columns
from .paths import distance
from .roles import NEGATIONS, comparison_at
from .times import MONTHS, Period, Time
from .words import Words


def add_values(draft: Draft) -> None:
    """One condition for each stored value said."""
    for said in draft.values:
        places = _nearest(draft, said)
        if _offer_columns(draft, said, places):
            continue
        container = _container(draft, said)
        places = [place for place in places if place[0] in container] or places
        tables = {key[0] for key, _ in places}
        if len({key for key, _ in places}) > 1:
            places = _by_preposition(draft, said, places)
        if len({key for key, _ in places}) != 1:
            raise NotUnderstood(f"{said.text} may stand in {len(tables)} places")
        _add_value(draft, said, places)


def _add_value(draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]]) -> None:
    key, stored = places[0]
    before = draft.words.lower(said.start - 1)
    preposition = before if before in ("to", "from", "in", "of", "for", "by", "with", "at", "on") else "for"
    if len({value for _, value in places}) > 1:
        _offer_spellings(draft, said, [value for _, value in places])
        return
    if stored.lower() != said.text.lower():
        draft.assumptions.append(f"“{said.text}” means {stored}.")
    if Term(key) in draft.frame.show and not draft.frame.rank_by:
        raise NotUnderstood("what is listed is known")
    draft.add_facts(said.start, [Fact(Term(key), Operator.EQUAL, stored)], _owner(draft, said.start, key[0]))
    draft.says(said.start, f"{preposition} {stored}")


def _offer_columns(draft: Draft, said: Said, places: Sequence[tuple[ColumnKey, str]]) -> bool:
    """Several columns of the same rows hold the value, none of them named: an open point."""
    container = _container(draft, said)
    if len({key for key, _ in places}) < 2 or len({key[0] for key, _ in places}) > 1 or container & {key for key, _ in places}:
        return False
    if any(draft.catalog.columns[key].is_name for key, _ in places):
        return False
    draft.forks.append([
        Option(
            Choice(ChoiceField.VALUE, said.text, f"{key_words(draft.catalog, key).capitalize()} {value}", f"{spelled(key)} is {value}"),
            (Fact(Term(key), Operator.EQUAL, value),),
        )
        for key, value in places
    ])  # fmt: skip
    draft.says(said.start, f"for {said.text}")
    return True


def _offer_spellings(draft: Draft, said: Said, values: Sequence[str]) -> None:
    key = said.places[0][0]
    options = [
        Option(Choice(ChoiceField.VALUE, said.text, value, f"{spelled(key)} is {value}"), (Fact(Term(key), Operator.EQUAL, value),))
        for value in values[:4]
    ]
    everything = Fact(Term(key), Operator.IN, tuple(values))
    options.append(Option(Choice(ChoiceField.VALUE, said.text, "All of them", f"{spelled(key)} is any of these"), (everything,)))
    draft.forks.append(options)
    draft.says(said.start, f"for {said.text}")


def _owner(draft: Draft, place: int, table: str) -> str:
    """The related rows before a place that a value's table describes, else the base."""
    for start, related in reversed(draft.related):
        if start < place and distance(draft.catalog, related.table, table) < distance(draft.catalog, draft.frame.base, table):
            return related.table
    return draft.frame.base


def _nearest(draft: Draft, said: Said) -> list[tuple[ColumnKey, str]]:
    """Places of a value in the table that lies nearest to what is asked about."""
    owners = [draft.frame.base, *(related.table for start, related in draft.related if start < said.start)]
    far = {key: min(distance(draft.catalog, owner, key[0]) for owner in owners) for key, _ in said.places}
    least = min(far.values())
    if least == float("inf"):
        raise NotUnderstood(f"no way to {said.text}")
    return [(key, value) for key, value in said.places if far[key] == least]


def _container(draft: Draft, said: Said) -> set[ColumnKey]:
    """Columns named right before or after a value ("the category Festive", "status open")."""
    found: set[ColumnKey] = set()
    for named in draft.all(Role.PLAIN):
        gap = said.start - named.mention.end
        if 0 <= gap <= 1 or named.mention.start == said.end:
            named.is_used = True
            found.update(named.mention.columns)
            found.update(key for key, _ in said.places if key[0] in named.mention.tables)
    return found


def _by_preposition(draft: Draft, said: Said, places: list[tuple[ColumnKey, str]]) -> list[tuple[ColumnKey, str]]:
    """A name of a row beats a value in passing, where the value's own table has both."""
    named = [place for place in places if draft.catalog.columns[place[0]].is_name]
    return named or places


def add_codes(draft: Draft, tables: Sequence[str]) -> None:
    """Labels that comments give to codes of these tables."""
    for code in all_codes(draft.catalog):
        if code.column[0] not in tables:
            continue
        place = _place_of(code, draft.words)
        if place is None or (len(code.words) == 1 and _is_timed_event(draft, code, place)):
            continue
        end = place + len(code.words)
        start = place - 1 if draft.words.lower(place - 1) == "status" else place
        draft.words.take(start, end)
        for named in draft.named:
            named.is_used |= named.mention.end == place and code.column in named.mention.columns
        negated = draft.words.lower(place - 1) == "not"
        draft.words.take(place - negated, place)
        operator = Operator.NOT_EQUAL if negated else Operator.EQUAL
        draft.add_facts(place, [Fact(Term(code.column), operator, code.value)], code.column[0])
        draft.says(place, f"{'not ' if operator is Operator.NOT_EQUAL else ''}{code.label}")
        draft.assumptions.append(f"“{draft.words.text(place, end)}” means {spelled(code.column)} = {code.value!r}.")


def code_places(draft: Draft) -> set[int]:
    """Places of words that some code's label says, wherever the code belongs."""
    found: set[int] = set()
    for code in all_codes(draft.catalog):
        place = _place_of(code, draft.words)
        if place is not None:
            found.update(range(place, place + len(code.words)))
    return found


def _place_of(code: Code, words: Words) -> int | None:
    for place in range(len(words)):
        end = place + len(code.words)
        said = tuple(words.lower(index) for index in range(place, end))
        if said == code.words and words.is_free(place, end):
            return place
    return None


def _is_timed_event(draft: Draft, code: Code, place: int) -> bool:
    """Whether a date of the same table tells of it too: then a date, not the present state, is meant."""
    return bool(event_columns(draft.catalog, draft.words.lower(place), [code.column[0]]))


def add_comparisons(draft: Draft) -> None:
    """"list price between 10 and 20", "rating above 4", "fewer units in stock than their reorder level"."""
    words = draft.words
    for named in draft.all(Role.PLAIN):
        mention = named.mention
        key = _own_column(draft, mention.columns)
        if key is None:
            continue
        place = mention.end
        while words.lower(place) in ("is", "are", "was", "were", "of", "that", "which", "has", "have"):
            place += 1
        if words.lower(place) == "between" and words.number(place + 1) is not None and words.number(place + 3) is not None:
            low, high = _plain(words.number(place + 1)), _plain(words.number(place + 3))
            words.take(place, place + 4)
            named.is_used = True
            draft.add_facts(mention.start, [Fact(Term(key), Operator.BETWEEN, (low, high))], key[0])
            draft.says(mention.start, f"with {key_words(draft.catalog, key)} between {low} and {high}")
        elif (found := comparison_at(words, place)) and words.number(found[0]) is not None:
            named.is_used = True
            number = _plain(words.number(found[0]))
            draft.add_facts(mention.start, [Fact(Term(key), found[1], number)], key[0])
            draft.says(mention.start, f"with {key_words(draft.catalog, key)} {words.text(place, found[0] + 1)}")
            words.take(place, found[0] + 1)
    _compare_columns(draft)


_UNEQUAL = {"different": Operator.NOT_EQUAL, "differs": Operator.NOT_EQUAL, "same": Operator.EQUAL}
_THAN = {"fewer": Operator.LESS, "less": Operator.LESS, "lower": Operator.LESS, "more": Operator.GREATER, "higher": Operator.GREATER}


def _compare_columns(draft: Draft) -> None:
    words = draft.words
    plain = [named for named in draft.named if named.mention.columns]
    for left_name, right_name in zip(plain, plain[1:], strict=False):
        left, right = left_name.mention, right_name.mention
        between = [words.lower(place) for place in range(left.end, right.start)]
        before = words.lower(left.start - 1)
        operator = _THAN.get(before) if "than" in between else next((_UNEQUAL[one] for one in between if one in _UNEQUAL), None)
        near = _own_column(draft, left.columns)
        if operator is None or near is None:
            continue
        tables = [named.mention.tables[0] for named in draft.all(Role.PLAIN) if named.mention.start >= right.end and named.mention.tables]
        far = next((key for key in right.columns if tables and key[0] == tables[0]), None) or _own_column(draft, right.columns)
        if far is None or far == near:
            continue
        left_name.is_used = right_name.is_used = True
        for named in draft.all(Role.PLAIN):
            named.is_used |= named.mention.tables[:1] == (far[0],)
        words.take(left.start - (before in _THAN), right.end)
        draft.facts.append(Fact(Term(near), operator, Term(far)))
        draft.says(left.start, f"whose {words.text(left.start, right.end)}")


def _own_column(draft: Draft, columns: Sequence[ColumnKey]) -> ColumnKey | None:
    """The base's column among several, else the only one."""
    own = [key for key in columns if key[0] == draft.frame.base]
    return own[0] if len(own) == 1 else (columns[0] if len(columns) == 1 else None)


def _plain(number: float | None) -> int | float:
    number = number or 0.0
    return int(number) if number == int(number) else number


def add_events(draft: Draft) -> None:
    """Verbs that name dates, with their times; then the times that stand alone."""
    _add_lags(draft)
    times = list(draft.times)
    for place in range(len(draft.words)):
        if not draft.words.is_free(place):
            continue
        key = _event_at(draft, place)
        if key is None:
            continue
        draft.words.take(place, place + 1)
        time = next((one for one in times if one.start > place and not _another_event(draft, place + 1, one.start)), None)
        if time is None and times and times[0].end <= place and not _another_event(draft, times[0].end, place):
            time = times[0]
        if time is None:
            _without_time(draft, place, key)
            continue
        times.remove(time)
        draft.says(place, draft.words.text(place, place + 1))
        _add_time(draft, time, key)
        if len(draft.related) == 2 and len(times) == 1 and draft.related[0][1].table == draft.related[1][1].table:
            _add_time(draft, times.pop(), key)  # "but none in 2025" goes by the same date
    for time in times:
        _add_time(draft, time, None)


def _event_at(draft: Draft, place: int) -> ColumnKey | None:
    """The date that the word at a place names, in the base or in related rows before it."""
    word = draft.words.lower(place)
    tables = [draft.frame.base, *(related.table for _, related in reversed(draft.related))]
    for table in tables:
        if found := event_columns(draft.catalog, word, [table]):
            return found[0]
        if word in CREATION_VERBS and (date := creation_date(draft.catalog, table)) and table == _active_table(draft, place):
            return date.key
    return None


def _active_table(draft: Draft, place: int) -> str:
    """Of which table's rows a verb speaks: related rows that stand near it if they have dates, else the base."""
    for start, related in draft.related:
        if abs(start - place) <= 6 and date_columns(draft.catalog, related.table):
            return related.table
    return draft.frame.base


def _another_event(draft: Draft, start: int, end: int) -> bool:
    return any(draft.words.is_free(place) and _event_at(draft, place) for place in range(start, end))


def _without_time(draft: Draft, place: int, key: ColumnKey) -> None:
    """An event by itself: it has happened, or with a negation it has not."""
    entry = draft.catalog.columns[key]
    if draft.words.lower(place) in CREATION_VERBS or not entry.column.nullable:
        return
    before = range(max(0, place - 3), place)
    denials = [index for index in before if draft.words.lower(index) in NEGATIONS or draft.words.lower(index).endswith("n't")]
    negated = bool(denials)
    for index in denials:
        draft.words.take(index, index + 1)
    is_absent = any(related.negated and related.table == key[0] for _, related in draft.related)
    operator = Operator.IS_NULL if negated and not is_absent else Operator.NOT_NULL
    draft.add_facts(10_000, [Fact(Term(key), operator)], key[0])
    draft.says(place, ("not " if operator is Operator.IS_NULL else "") + draft.words.text(place, place + 1))


def _add_time(draft: Draft, time: Time, key: ColumnKey | None) -> None:
    table = key[0] if key else _dated_table(draft, time.start)
    entry = draft.catalog.columns[key] if key else creation_date(draft.catalog, table)
    if entry is None:
        raise NotUnderstood(f"{table} has no dates")
    draft.says(time.start, draft.words.text(time.start, time.end))
    dates = date_columns(draft.catalog, table)
    if key is None and len(dates) > 1:
        if _counts_base(draft) and table == draft.frame.base and not draft.frame.groups and not draft.frame.hide_measure:
            first = [entry, *(one for one in dates if one is not entry)]
            phrase = draft.words.text(time.start, time.end)
            draft.forks.append([
                Option(Choice(ChoiceField.TIME_RANGE, phrase, event_label(one), f"{phrase} by {spelled(one.key)}"), facts_of(time.period, one.key))
                for one in first
            ])  # fmt: skip
            return
        draft.assumptions.append(f"“{draft.words.text(time.start, time.end)}” goes by {spelled(entry.key)}.")
    if time.needs_year and time.period.low:
        _offer_years(draft, time, entry.key)
        return
    draft.add_facts(time.start, facts_of(time.period, entry.key), table)


def _counts_base(draft: Draft) -> bool:
    return draft.frame.measure is not None and draft.frame.measure.column is None


def _offer_years(draft: Draft, time: Time, key: ColumnKey) -> None:
    low = time.period.low
    if low is None:
        return
    name = MONTHS[low.month - 1].capitalize()
    phrase = draft.words.text(time.core, time.end)
    latest, every = f"{name} {low.year}", f"Every {name}"
    draft.forks.append([
        Option(Choice(ChoiceField.TIME_RANGE, phrase, latest, f"only {latest}"), facts_of(time.period, key)),
        Option(Choice(ChoiceField.TIME_RANGE, phrase, every, f"{name} of all years"), facts_of(Period(month=low.month), key)),
    ])  # fmt: skip


def _dated_table(draft: Draft, place: int) -> str:
    """The table whose dates a time without a verb goes by: related rows said before it, the base, or the nearest."""
    for start, related in reversed(draft.related):
        if start < place and date_columns(draft.catalog, related.table):
            return related.table
    if date_columns(draft.catalog, draft.frame.base):
        return draft.frame.base
    dated = [name for name in draft.catalog.tables if date_columns(draft.catalog, name)]
    near = min(dated, key=lambda name: distance(draft.catalog, draft.frame.base, name), default=None)
    if near is None or distance(draft.catalog, draft.frame.base, near) > 1:
        raise NotUnderstood("no date is near")
    return near


def facts_of(period: Period, key: ColumnKey) -> tuple[Fact, ...]:
    """A period as conditions on a date column."""
    if period.month is not None:
        return (Fact(Term(key, "month", True), Operator.EQUAL, period.month),)
    low = [Fact(Term(key), Operator.AT_LEAST, period.low)] if period.low else []
    high = [Fact(Term(key), Operator.LESS, period.high)] if period.high else []
    return (*low, *high)


def _add_lags(draft: Draft) -> None:
    """"delivered more than 20 days after they were ordered"."""
    words = draft.words
    for place in range(1, len(words) - 3):
        found = comparison_at(words, place)
        if not found or words.number(found[0]) is None or words.lower(found[0] + 1) not in ("day", "days", "weeks", "week"):
            continue
        later = _event_at(draft, place - 1) if words.is_free(place - 1) else None
        after = found[0] + 2
        if later is None or words.lower(after) not in ("after", "before"):
            continue
        end = after + 1
        while words.lower(end) in ("they", "it", "were", "was", "being", "had", "been", "the", "having"):
            end += 1
        other = event_columns(draft.catalog, words.lower(end), [later[0]])
        if not other:
            continue
        days = int(words.number(found[0]) or 0) * (7 if words.lower(found[0] + 1).startswith("week") else 1)
        if words.lower(after) == "before":
            raise NotUnderstood("a lag before an event")
        draft.facts.append(Fact(Term(later), found[1], Term(other[0]), days))
        draft.says(place - 1, words.text(place - 1, end + 1))
        words.take(place - 1, end + 1)


def add_missing(draft: Draft, key: ColumnKey, place: int) -> None:
    """"have no e-mail address"."""
    draft.add_facts(place, [Fact(Term(key), Operator.IS_NULL)], key[0])
    draft.says(place, f"without {key_words(draft.catalog, key)}")


def still_there(draft: Draft) -> ColumnKey | None:
    """The base's date whose absence means, as its comment says, that the row is still there."""
    for entry in draft.catalog.tables[draft.frame.base].columns:
        if entry.kind is Kind.DATE and "still" in null_words(entry):
            return entry.key
    return None
