"""Other tables that a question names: their rows must exist, in the number said, or must not."""

from dataclasses import replace

from apps.queries.engines.builtin.plan import Aggregate, Operator

from .draft import Draft, Named, NotUnderstood, Role
from .frame import Frame, Group, Measure, Related
from .happenings import event_columns
from .naming import plural, table_of
from .paths import distance, multiplies, path
from .words import stem

OPERATOR_WORDS = {
    Operator.GREATER: "more than",
    Operator.AT_LEAST: "at least",
    Operator.LESS: "fewer than",
    Operator.AT_MOST: "at most",
    Operator.EQUAL: "exactly",
}


def relate(draft: Draft, done: list[Named]) -> None:
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
            _compared(draft, named, table_of(draft, named))
        elif named.role is Role.ABSENT and not named.mention.tables:
            continue
        elif named.mention.tables and not set(named.mention.tables) & used and not _holds_value(draft, named):
            table = table_of(draft, named)
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
    """Whether a value beside it is of this table, or a column compared is ("the country of their customer")."""
    mention = named.mention
    if named.role is Role.ABSENT:
        return False
    beside = [said for said in draft.values if 0 <= said.start - mention.end <= 1 or said.end == mention.start]
    tables = set(mention.tables)
    if any(key[0] in tables for said in beside for key, _ in said.places):
        return True
    columns = {
        key[0] for other in draft.named if 0 < mention.start - other.mention.end <= 3 for key in other.mention.columns
    }
    return bool(columns & tables)


def _related(draft: Draft, named: Named, table: str, *, negated: bool) -> None:
    draft.related.append((named.mention.start, Related(table, negated=negated)))
    draft.says(named.mention.start, f"{'without' if negated else 'with'} {plural(draft, named)}")


def _and_how_many(draft: Draft, named: Named, base: str) -> bool:
    """ "…, and how many?" shows the number beside each row: then what is compared is counted by row."""
    words = draft.words
    place = next((place for place in range(1, len(words) - 2) if words.says(place, "and", "how", "many")), None)
    if place is None or named.operator is None or named.number is None or draft.frame.measure or draft.frame.rank_by:
        return False
    if words.lower(place + 3) not in ("?", ".", ""):
        raise NotUnderstood("how many of what?")
    words.take(place, place + 3)
    table, head = table_of(draft, named), draft.frame.show[0]
    identity = draft.catalog.tables[base].id_column
    group = Group(head, identity.key if identity and identity.key != head.key else None)
    draft.frame = Frame(
        table, measure=Measure(Aggregate.COUNT), groups=(group,), having=(named.operator, named.number), descending=True
    )
    draft.says(named.mention.start, f"with {OPERATOR_WORDS[named.operator]} {named.number} {plural(draft, named)}")
    return True


def _compared(draft: Draft, named: Named, table: str) -> None:
    if named.operator is None or named.number is None:
        raise NotUnderstood("no comparison")
    if not multiplies(path(draft.catalog, draft.frame.base, table) or (), draft.catalog):
        raise NotUnderstood("there is only one")
    draft.related.append((named.mention.start, Related(table, operator=named.operator, number=named.number)))
    said = draft.words.text(named.mention.start, named.mention.end)
    draft.says(named.mention.start, f"with {OPERATOR_WORDS[named.operator]} {named.number} {said}")


def _but_none(draft: Draft) -> None:
    """ "placed an order in 2024 but none in 2025": the same rows at another time, denied."""
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
    """ "products that were never ordered": a verb that names another table's rows."""
    words, base = draft.words, draft.frame.base
    if draft.related or not negated:
        return
    for place in range(len(words)):
        if (
            not words.is_free(place)
            or not words.lower(place).endswith("ed")
            or event_columns(draft.catalog, words.lower(place), [base])
        ):
            continue
        wanted = stem(words.lower(place))
        tables = [
            name
            for name, entry in draft.catalog.tables.items()
            if name != base and wanted in {stem(word) for word in entry.words}
        ]
        near = sorted(tables, key=lambda name: distance(draft.catalog, base, name))
        if near:
            words.take(place, place + 1)
            draft.related.append((place, Related(near[0], negated=True)))
            draft.says(place, f"never {words.lower(place)}")
            return
