"""Decides what a question is about (which table, which measure, which groups) from the roles of its names."""

from dataclasses import replace

from apps.clarification.readings import Choice, ChoiceField
from apps.queries.engines.builtin.plan import Aggregate, ColumnKey, Operator

from .dates import creation_date
from .draft import Draft, Named, NotUnderstood, Role, key_words, spelled
from .frame import Frame, Group, Measure, Related, Term
from .measures import is_measure, named_in_comments
from .mentions import Mention, event_columns
from .paths import distance, path
from .selves import Holder
from .words import stem

_AGGREGATE_WORDS = {
    Aggregate.SUM: "Total", Aggregate.AVG: "Average", Aggregate.MIN: "Lowest", Aggregate.MAX: "Highest",
}  # fmt: skip


OPERATOR_WORDS = {
    Operator.GREATER: "more than", Operator.AT_LEAST: "at least", Operator.LESS: "fewer than", Operator.AT_MOST: "at most",
    Operator.EQUAL: "exactly",
}  # fmt: skip


def assemble(draft: Draft) -> None:
    """Set the draft's frame. Raises NotUnderstood."""
    if len(draft.all(Role.LISTED)) > 1:
        raise NotUnderstood("two things are listed")
    for rule in (_mean_count, _most, _extreme, _counted, _self_role, _aggregated, _commented_measure, _listed):
        if rule(draft):
            return
    raise NotUnderstood("no rule")


def _table_of(draft: Draft, named: Named) -> str:
    """The table that a name means, or the table of its only column."""
    mention = named.mention
    if len(mention.tables) == 1:
        return mention.tables[0]
    if mention.tables:
        raise NotUnderstood("several tables have this name")
    tables = {key[0] for key in mention.columns}
    if len(tables) != 1:
        raise NotUnderstood("several tables have such a column")
    return tables.pop()


def _plural(draft: Draft, named: Named) -> str:
    """The name in the person's words; to say it in the answer is to use it."""
    named.is_used = True
    return draft.words.text(named.mention.start, named.mention.end)


def _show_rows(draft: Draft, table: str) -> tuple[Term, ...]:
    entry = draft.catalog.tables[table]
    column = entry.name_column
    if column is None or not column.is_name:
        raise NotUnderstood(f"rows of {table} have no name")
    return (Term(column.key),)


def _group_of(draft: Draft, named: Named, base: str) -> Group:
    """One row for each of what is named: a column of the base, else a table by its name column, else the nearest column."""
    mention, words = named.mention, _plural(draft, named)
    own = [key for key in mention.columns if key[0] == base]
    if len(own) == 1:
        return Group(Term(own[0]))
    if len(mention.tables) == 1 and mention.tables[0] != base:
        term = _show_rows(draft, mention.tables[0])[0]
        identity = draft.catalog.tables[mention.tables[0]].id_column
        return Group(term, identity.key if identity and identity.key != term.key else None)
    far = {key: distance(draft.catalog, base, key[0]) for key in mention.columns}
    least = min(far.values(), default=float("inf"))
    near = [key for key in far if far[key] == least]
    if len(near) != 1 or least == float("inf"):
        raise NotUnderstood(f"several readings of {words}")
    return Group(Term(near[0]))


def _groups(draft: Draft, base: str) -> tuple[Group, ...]:
    groups = [_group_of(draft, named, base) for named in draft.all(Role.GROUP)]
    for named in draft.all(Role.GROUP):
        draft.says(named.mention.start, f"by {_plural(draft, named)}")
    if draft.unit:
        draft.says(draft.unit.start, f"by {draft.unit.unit}")
    return tuple(groups)


def _unit_group(draft: Draft, base: str) -> Group:
    """The calendar unit over the date that stands with it ("year of issue"), or the verb's, or the table's own."""
    unit = draft.unit
    if unit is None:
        raise NotUnderstood("no unit")
    table = base
    for place in range(len(draft.words)):
        found = event_columns(draft.catalog, draft.words.lower(place), [table]) if draft.words.is_free(place) else []
        if found:
            if not draft.times:
                draft.words.take(place, place + 1)
            return Group(Term(found[0], unit.unit, unit.as_number))
    date = creation_date(draft.catalog, table)
    if date is None:
        raise NotUnderstood(f"{table} has no dates")
    return Group(Term(date.key, unit.unit, unit.as_number))


def _mean_count(draft: Draft) -> bool:
    """"the average number of lines per order"."""
    counted, group = draft.one(Role.MEAN_COUNT), draft.one(Role.GROUP)
    if counted is None:
        return False
    if group is None or draft.unit:
        raise NotUnderstood("an average number needs a per")
    base, per = _table_of(draft, counted), _table_of(draft, group)
    steps = path(draft.catalog, base, per)
    if steps is None or len(steps) != 1 or len(steps[0].columns) != 1:
        raise NotUnderstood("not one step apart")
    draft.frame = Frame(base, measure=Measure(Aggregate.COUNT), average_per=(base, steps[0].columns[0]))
    draft.noun = f"Average number of {_plural(draft, counted)} per {_plural(draft, group)}"
    draft.assumptions.append(f"{_plural(draft, group).capitalize()} without any are left out.")
    return True


def _counted(draft: Draft) -> bool:
    counted = draft.one(Role.COUNTED)
    if counted is None:
        return False
    if counted.mention.tables:
        base = _table_of(draft, counted)
        measure = Measure(Aggregate.COUNT)
        draft.noun = f"Number of {_plural(draft, counted)}"
    else:
        key = _quantity(draft, counted.mention)
        base, measure = key[0], Measure(Aggregate.SUM, key)
        draft.noun = f"Number of {_plural(draft, counted)}"
    draft.frame = Frame(base, measure=measure)
    _finish(draft, counted)
    if not draft.frame.groups and draft.one(Role.LISTED):
        raise NotUnderstood("both counted and listed")
    return True


def _quantity(draft: Draft, mention: Mention) -> ColumnKey:
    """Of several columns of the same name the one whose table and comment the rest of the question speaks of."""
    catalog, words = draft.catalog, draft.words
    listed = draft.one(Role.LISTED)
    others = [named.mention for named in draft.named if listed and abs(named.mention.start - listed.mention.start) <= 1]
    skipped = {place for other in [mention, *others] for place in range(other.start, other.end)}
    said = {stem(words.lower(place)) for place in range(len(words)) if place not in skipped}

    def overlap(key: ColumnKey) -> float:
        entry, table = catalog.columns[key], catalog.tables[key[0]]
        comment = {stem(word.strip(".,;:")) for word in entry.column.comment.lower().split()[:5]}
        named = sum(named.mention.tables == (key[0],) for named in draft.named if named.mention not in others)
        return len(said & {stem(word) for word in table.words}) + named + 0.5 * len(said & comment)

    measures = [key for key in mention.columns if is_measure(catalog.columns[key])]
    ranked = sorted(measures, key=overlap, reverse=True)
    if not ranked or (len(ranked) > 1 and overlap(ranked[0]) == overlap(ranked[1])):
        raise NotUnderstood("several columns of this name")
    chosen = ranked[0]
    explained = {stem(word) for word in catalog.tables[chosen[0]].words}
    explained |= {stem(word.strip(".,;:")) for word in catalog.columns[chosen].column.comment.lower().split()[:5]}
    for place in range(len(words)):
        if words.is_free(place) and stem(words.lower(place)) in explained and not _is_timed(draft, chosen[0], place):
            words.take(place, place + 1)
    return chosen


def _is_timed(draft: Draft, table: str, place: int) -> bool:
    return bool(draft.times) and bool(event_columns(draft.catalog, draft.words.lower(place), [table]))


def _most(draft: Draft) -> bool:
    """"which employee took the most orders", "top 10 ship countries by number of orders"."""
    most, listed = draft.one(Role.MOST), draft.one(Role.LISTED)
    if most is None:
        return False
    if most.mention.tables:
        base, measure = _table_of(draft, most), Measure(Aggregate.COUNT)
    else:
        key = _quantity(draft, most.mention)
        base, measure = key[0], Measure(Aggregate.SUM, key)
    if draft.unit is not None:
        group = _unit_group(draft, base)
        title = draft.unit.unit.capitalize()
    else:
        if listed is None:
            raise NotUnderstood("nothing is listed")
        group, title = _group_of(draft, listed, base), _plural(draft, listed).capitalize()
    draft.frame = Frame(
        base, measure=measure, groups=(group,), descending=most.descending, limit=_limit(draft), hide_measure=not _is_by(draft, most),
    )  # fmt: skip
    draft.noun = f"{title} with the {'most' if most.descending else 'fewest'} {_plural(draft, most)}"
    _relate(draft, [most, *([listed] if listed else [])])
    return True


def _is_by(draft: Draft, most: Named) -> bool:
    """"top ten by number of orders" asks for the numbers too."""
    return any(draft.words.lower(place) == "by" for place in range(most.mention.start - 4, most.mention.start))


def _limit(draft: Draft) -> int:
    return next((named.number for named in draft.all(Role.LISTED) if named.number), 1)


def _extreme(draft: Draft) -> bool:
    """"which product has the highest list price", "the five customers with the highest lifetime value"."""
    extreme, listed = draft.one(Role.EXTREME), draft.one(Role.LISTED)
    if extreme is None:
        return False
    if listed is None:
        return _extreme_value(draft, extreme)
    base = _table_of(draft, listed)
    keys = [key for key in extreme.mention.columns if key[0] == base]
    if len(keys) != 1:
        raise NotUnderstood("the column is elsewhere")
    draft.frame = Frame(
        base, show=_show_rows(draft, base), rank_by=Term(keys[0]), descending=extreme.descending, limit=_limit(draft)
    )
    entry = draft.catalog.columns[keys[0]]
    if entry.column.nullable and not extreme.descending:
        draft.assumptions.append(f"Rows without {key_words(draft.catalog, keys[0])} come last.")
    word = "highest" if extreme.descending else "lowest"
    draft.noun = f"{_plural(draft, listed).capitalize()} with the {word} {_plural(draft, extreme)}"
    _take_order(draft)
    _relate(draft, [extreme, listed])
    return True


def _extreme_value(draft: Draft, extreme: Named) -> bool:
    """"What is the highest salary?"."""
    if any(other.mention.start == extreme.mention.end for other in draft.named):
        raise NotUnderstood("which row is meant?")
    extreme.aggregate = Aggregate.MAX if extreme.descending else Aggregate.MIN
    extreme.role = Role.AGGREGATED
    return False


def _take_order(draft: Draft) -> None:
    """"…, highest first" says what the ranking does anyway."""
    for place in range(len(draft.words) - 1):
        if draft.words.lower(place) in ("highest", "largest", "biggest") and draft.words.says(place + 1, "first"):
            if draft.frame.descending:
                draft.words.take(place, place + 2)


def _aggregated(draft: Draft) -> bool:
    """"the average salary", "the total refund amount of returns"."""
    named = draft.one(Role.AGGREGATED)
    group = draft.one(Role.GROUP)
    if named is None and (group or draft.unit):
        named = next((one for one in draft.all(Role.PLAIN) + draft.all(Role.LISTED) if _has_measure(draft, one)), None)
    if named is None or not named.mention.columns:
        return False
    key = _only_column(draft, named)
    aggregate = named.aggregate or Aggregate.SUM
    if not is_measure(draft.catalog.columns[key]):
        raise NotUnderstood("no number")
    draft.frame = Frame(key[0], measure=Measure(aggregate, key))
    draft.noun = f"{_AGGREGATE_WORDS[aggregate]} {_plural(draft, named)}"
    _finish(draft, named)
    return True


def _has_measure(draft: Draft, named: Named) -> bool:
    return any(is_measure(draft.catalog.columns[key]) for key in named.mention.columns)


def _only_column(draft: Draft, named: Named) -> ColumnKey:
    """The column meant: the only one, else that of a table named elsewhere, else the one whose comment fits."""
    columns = named.mention.columns
    tables = [table for other in draft.named if other is not named for table in other.mention.tables[:1]]
    own = [key for key in columns if key[0] in tables]
    if len(columns) == 1 or len(own) == 1:
        return own[0] if len(own) == 1 else columns[0]
    return _quantity(draft, named.mention)


def _commented_measure(draft: Draft) -> bool:
    """A word that only comments of measures explain, such as revenue."""
    words = draft.words
    for place in range(len(words)):
        found = named_in_comments(draft.catalog, words.lemma(place)) if words.is_free(place) else []
        if not found or not (draft.times or draft.unit or len(words) < 8):
            continue
        words.take(place, place + 1)
        word = words.text(place, place + 1)
        entry, label = found[min(draft.measure_index, len(found) - 1)]
        draft.frame = Frame(entry.table, measure=Measure(Aggregate.SUM, entry.key))
        draft.noun = f"{label} {word}"
        draft.measures = [
            Choice(ChoiceField.METRIC, word, label, f"sum of {spelled(entry.key)}") for entry, label in found
        ]
        _finish(draft, None)
        return True
    return False


def _self_role(draft: Draft) -> bool:
    """"Who is the manager of …": a key that leads back to its own table, under the role's name."""
    words = draft.words
    for table in draft.catalog.tables.values():
        for key in table.table.foreign_keys:
            role = [word for word in draft.catalog.columns[(table.name, key.columns[0])].words if word != "id"] if len(key.columns) == 1 else []
            if key.target_table != table.table.name or len(role) != 1:
                continue
            place = next((place for place in range(len(words)) if words.lemma(place) == role[0] and words.lower(place + 1) == "of"), None)
            said = [one for one in draft.values if any(column[0] == table.name for column, _ in one.places)]
            if place is None or len(draft.values) != 1 or len(said) != 1 or draft.times:
                continue
            name, stored = next((column, value) for column, value in said[0].places if column[0] == table.name)
            words.take(place, place + 1)
            draft.frame = Frame(table.name, show=_show_rows(draft, table.name))
            draft.holder = Holder((table.name, key.columns[0]), (table.name, key.target_columns[0]), name, stored)
            draft.noun = f"{role[0].capitalize()} of {stored}"
            draft.values = ()
            draft.named = [one for one in draft.named if not (one.mention.start <= place < one.mention.end)]
            return True
    return False


def _listed(draft: Draft) -> bool:
    """Rows by name, or the columns asked for, narrowed by all that follows."""
    listed = draft.one(Role.LISTED) or next((named for named in draft.named if named.role is Role.PLAIN), None)
    if listed is None:
        return False
    if listed.mention.tables and not _is_lookup(draft, listed):
        base = _table_of(draft, listed)
        draft.frame = Frame(base, show=_show_rows(draft, base))
        draft.noun = _plural(draft, listed).capitalize()
    elif listed.mention.tables:
        base = _table_of(draft, listed)
        numbers = [column for column in draft.catalog.tables[base].columns if is_measure(column)]
        if len(numbers) != 1:
            raise NotUnderstood("no single number")
        draft.frame = Frame(base, show=(Term(numbers[0].key),))
        draft.noun = _plural(draft, listed).capitalize()
    else:
        return _lookup(draft, listed)
    _relate(draft, [listed])
    return True


def _is_lookup(draft: Draft, listed: Named) -> bool:
    """"What was the exchange rate of …": one number, where "which" would list rows."""
    words = draft.words
    return words.lower(0) == "what" and words.lower(1) in ("is", "was") and words.lower(listed.mention.end - 1) == words.lemma(listed.mention.end - 1)


def _lookup(draft: Draft, listed: Named) -> bool:
    """"What is the list price of …": a column of the row that a value names."""
    tables = [key[0] for said in draft.values for key, _ in said.places if draft.catalog.columns[key].is_name]
    keys = [key for key in listed.mention.columns if key[0] in tables]
    if len(keys) != 1 or not draft.values:
        raise NotUnderstood("no row is named")
    draft.frame = Frame(keys[0][0], show=(Term(keys[0]),))
    draft.noun = _plural(draft, listed).capitalize()
    _relate(draft, [listed])
    return True


def _finish(draft: Draft, head: Named | None) -> None:
    """Groups of a measure, then what else is named."""
    base = draft.frame.base
    groups = _groups(draft, base)
    if draft.unit:
        groups = (_unit_group(draft, base), *groups)
    draft.frame = replace(draft.frame, groups=groups)
    _relate(draft, [head] if head else [])


def _relate(draft: Draft, done: list[Named]) -> None:
    """Other tables named: their rows must exist, in the number said, or must not."""
    base = draft.frame.base
    used = {group.term.key[0] for group in draft.frame.groups} | {base}
    negated = draft.words.take_any("never")
    for named in draft.named:
        if named in done or named.role in (Role.GROUP, Role.LISTED):
            continue
        if named.role is Role.COMPARED and named.mention.tables:
            if _and_how_many(draft, named, base):
                continue
            _compared(draft, named, _table_of(draft, named))
        elif named.role is Role.ABSENT and not named.mention.tables:
            continue
        elif named.mention.tables and not set(named.mention.tables) & used and not _holds_value(draft, named):
            table = _table_of(draft, named)
            if _is_enumerated(draft, named):
                raise NotUnderstood("two things are listed")
            _related(draft, named, table, negated=named.role is Role.ABSENT or negated)
    _passive(draft, negated)
    _but_none(draft)


def _is_enumerated(draft: Draft, named: Named) -> bool:
    """Whether an "and" parts it from the name before."""
    start = max((other.mention.end for other in draft.named if other.mention.end <= named.mention.start), default=0)
    return any(draft.words.lower(place) == "and" for place in range(start, named.mention.start))


def _holds_value(draft: Draft, named: Named) -> bool:
    """Whether a value right beside it is one of this table's, or a column compared is ("the country of their customer")."""
    mention = named.mention
    beside = [said for said in draft.values if 0 <= said.start - mention.end <= 1 or said.end == mention.start]
    tables = set(mention.tables)
    if any(key[0] in tables for said in beside for key, _ in said.places):
        return True
    columns = {key[0] for other in draft.named if 0 < mention.start - other.mention.end <= 3 for key in other.mention.columns}
    return bool(columns & tables)


def _related(draft: Draft, named: Named, table: str, *, negated: bool) -> None:
    draft.related.append((named.mention.start, Related(table, negated=negated)))
    draft.says(named.mention.start, f"{'without' if negated else 'with'} {_plural(draft, named)}")


def _and_how_many(draft: Draft, named: Named, base: str) -> bool:
    """"…, and how many?" shows the number beside each row: then what is compared is counted by row."""
    words = draft.words
    place = next((place for place in range(1, len(words) - 2) if words.says(place, "and", "how", "many")), None)
    if place is None or named.operator is None or named.number is None or draft.frame.measure or draft.frame.rank_by:
        return False
    if words.lower(place + 3) not in ("?", ".", ""):
        raise NotUnderstood("how many of what?")
    words.take(place, place + 3)
    table, head = _table_of(draft, named), draft.frame.show[0]
    identity = draft.catalog.tables[base].id_column
    group = Group(head, identity.key if identity and identity.key != head.key else None)
    draft.frame = Frame(
        table, measure=Measure(Aggregate.COUNT), groups=(group,), having=(named.operator, named.number), descending=True
    )
    draft.says(named.mention.start, f"with {OPERATOR_WORDS[named.operator]} {named.number} {_plural(draft, named)}")
    return True


def _compared(draft: Draft, named: Named, table: str) -> None:
    if named.operator is None or named.number is None:
        raise NotUnderstood("no comparison")
    draft.related.append((named.mention.start, Related(table, operator=named.operator, number=named.number)))
    said = draft.words.text(named.mention.start, named.mention.end)
    draft.says(named.mention.start, f"with {OPERATOR_WORDS[named.operator]} {named.number} {said}")


def _but_none(draft: Draft) -> None:
    """"placed an order in 2024 but none in 2025": the same rows at another time, denied."""
    words = draft.words
    for place in range(len(words) - 1):
        is_denied = words.lower(place) == "but" and words.lower(place + 1) in ("none", "not", "never")
        if is_denied and len(draft.related) == 1 and len(draft.times) == 2 and draft.times[1].start == place + 2:
            words.take(place, place + 2)
            first = draft.related[0][1]
            draft.related.append((place + 1, replace(first, negated=not first.negated)))
            draft.says(place, "but none")
            return


def _passive(draft: Draft, negated: bool) -> None:
    """"products that were never ordered": a verb that names another table's rows."""
    words, base = draft.words, draft.frame.base
    if draft.related or not negated:
        return
    for place in range(len(words)):
        if not words.is_free(place) or not words.lower(place).endswith("ed") or event_columns(draft.catalog, words.lower(place), [base]):
            continue
        wanted = stem(words.lower(place))
        tables = [name for name, entry in draft.catalog.tables.items() if name != base and wanted in {stem(word) for word in entry.words}]
        near = sorted(tables, key=lambda name: distance(draft.catalog, base, name))
        if near:
            words.take(place, place + 1)
            draft.related.append((place, Related(near[0], negated=True)))
            draft.says(place, f"never {words.lower(place)}")
            return

