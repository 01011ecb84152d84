"""Each one's own or all together: "the activities that every gym offers", where the two are related many times over."""

from collections.abc import Sequence

from apps.clarification.readings import ChoiceField, Reading
from apps.knowledge.joins import Join
from apps.queries.engines.builtin.plan import ColumnKey, Condition
from apps.queries.engines.builtin.spoken.paths import is_to_one, multiplies, path
from apps.queries.engines.builtin.sql import SqlWriter

from .facts import facts_about, is_tied
from .heard import Heard
from .leftover import is_accounted
from .meanings import Meaning, readings_of
from .quantified import Quantified, Related, quantified, related_to
from .rows import called, held_by_all, identity, listed
from .stating import Scope, stated_scope
from .values import places_of

MOST_STEPS = 3  # what a chef's dishes contain goes with the chef


def scope_readings(heard: Heard) -> list[Reading]:
    """Readings of a question about what goes with each or all rows of a table; none where it is no such question."""
    found = [said for place in range(heard.end) if (said := quantified(heard, place))]
    for is_opening in (False, True):  # "every book that all libraries hold" is about all libraries
        for said in found:
            nouns = heard.nouns_in(said.noun.end, heard.end) if is_opening else heard.nouns_in(0, said.place)
            thing = related_to(heard, said.table, nouns)
            if thing and _goes_with_many(heard, said.table, thing) and (readings := _readings(heard, said, thing)):
                return readings
    return []


def _goes_with_many(heard: Heard, holder: str, thing: Related) -> bool:
    """Whether one row of the holder may go with many things, and a thing, or its name, with many holders."""
    steps = path(heard.catalog, holder, thing.table)
    if not steps or not thing.shown or not is_tied(heard.catalog, holder, thing.table, most_steps=MOST_STEPS):
        return False
    if not multiplies(steps, heard.catalog):
        return False
    return _is_many_to_many(heard, steps) or not _names_differ(heard, thing)


def _is_many_to_many(heard: Heard, steps: Sequence[Join]) -> bool:
    """Whether the way leads down to a tying table and up again."""
    return any(is_to_one(step, heard.catalog) for step in steps)


def _names_differ(heard: Heard, thing: Related) -> bool:
    """Whether each of the few rows is known to be called otherwise: then no two holders share one."""
    table = heard.catalog.tables[thing.table].table
    samples = heard.catalog.columns[thing.shown[0]].column.samples
    return table.row_count is not None and table.row_count <= len(samples)


def _readings(heard: Heard, said: Quantified, thing: Related) -> list[Reading]:
    holder_key = identity(heard.catalog, said.table)
    names = called(heard.catalog, said.table)
    told = _conditions(heard, said, thing)
    if holder_key is None or not names or told is None:
        return []
    of_holder, of_thing = told
    writer = SqlWriter(heard.catalog)
    noun = heard.lemma(said.noun.end - 1)
    shown = heard.analysis.words(thing.noun.start, thing.noun.end)
    own_rows = listed((*names, *thing.shown), (said.table, thing.table), (*of_holder, *of_thing))
    if not _is_named(heard, thing):
        own_rows = own_rows.with_changes(distinct=True)
    own = Meaning(
        f"Each {noun}'s own",
        f"{shown} of each {noun}, beside its name",
        writer.write(own_rows),
    )
    shared = Meaning(
        f"Shared by every {noun}",
        f"only {shown} that go with every {noun}",
        writer.write(held_by_all(thing.shown, _group(heard, said, thing), holder_key, of_thing, of_holder)),
    )
    scope = stated_scope(heard, said, thing)
    meanings = [one for one, kind in ((own, Scope.OWN), (shared, Scope.SHARED)) if kind in scope]
    return readings_of(ChoiceField.SCOPE, heard.analysis.words(said.place, said.noun.end), meanings)


def _group(heard: Heard, said: Quantified, thing: Related) -> tuple[ColumnKey, ...]:
    """Things are told apart by their key, but by what is shown where that is no name, or each has one holder alone."""
    key = identity(heard.catalog, thing.table)
    steps = path(heard.catalog, said.table, thing.table) or ()
    return (key,) if key and _is_named(heard, thing) and _is_many_to_many(heard, steps) else ()


def _is_named(heard: Heard, thing: Related) -> bool:
    """Whether what is shown tells the things apart ("the genres of the books" does not)."""
    return not set(called(heard.catalog, thing.table)).isdisjoint(thing.shown)


def _conditions(
    heard: Heard, said: Quantified, thing: Related
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]] | None:
    """What is said of the holders and of the things; None where a word is left over or belongs to neither."""
    cut = max(said.place, thing.noun.start) if thing.noun.start >= said.noun.end else said.place
    order = (thing.table, said.table) if cut == said.place else (said.table, thing.table)
    of: dict[str, list[Condition]] = {said.table: [], thing.table: []}
    taken = places_of((said.noun, thing.noun, *thing.named))
    taken |= places_of(noun for noun in heard.nouns if noun.table in (said.table, thing.table))
    for start, end, tables in ((0, cut, order), (cut, heard.end, order[::-1])):
        for table in tables:
            told = facts_about(heard, table, start, end)
            if told is not None:
                of[table].extend(told.conditions)
                taken |= told.places
                break
        else:
            return None
    if not is_accounted(heard, taken):
        return None
    return tuple(of[said.table]), tuple(of[thing.table])
