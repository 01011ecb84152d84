"""Each one's own or all together: "the activities that every gym offers", where the two are related many times over."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.clarification.readings import ChoiceField, Reading
from apps.knowledge.joins import Join
from apps.queries.engines.builtin.plan import ColumnKey, Condition
from apps.queries.engines.builtin.spoken.paths import is_to_one, multiplies, path
from apps.queries.engines.builtin.sql import SqlWriter

from .facts import facts_about, is_tied
from .heard import Heard, Noun, is_of_names, places_of
from .leftover import is_accounted
from .meanings import Meaning, readings_of
from .rows import called, held_by_all, identity, listed
from .wordlists import (
    APART,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    QUANTIFIERS,
    RELATIVES,
    TOGETHER,
    TOGETHER_PHRASES,
)

LEAST_OWN = 0.5
MOST_STEPS = 3  # what a chef's dishes contain goes with the chef


@dataclass(frozen=True)
class Quantified:
    """ "every gym in Berlin": where the quantifier stands, and the noun whose rows it runs over."""

    place: int
    noun: Noun
    table: str


@dataclass(frozen=True)
class Related:
    """What is asked for: its noun, the table of its rows, the columns that are shown of them, and who names those."""

    noun: Noun
    table: str
    shown: tuple[ColumnKey, ...]
    named: tuple[Noun, ...] = ()

    @property
    def end(self) -> int:
        """Where its words end: after "titles" in "the course titles"."""
        return max([self.noun.end, *(noun.end for noun in self.named if noun.start == self.noun.end)])


def scope_readings(heard: Heard) -> list[Reading]:
    """Readings of a question about what goes with each or all rows of a table; none where it is no such question."""
    found = [said for place in range(heard.end) if (said := _quantified(heard, place))]
    for is_opening in (False, True):  # "every book that all libraries hold" is about all libraries
        for said in found:
            nouns = heard.nouns_in(said.noun.end, heard.end) if is_opening else heard.nouns_in(0, said.place)
            thing = _related(heard, said.table, nouns)
            if thing and _goes_with_many(heard, said.table, thing) and (readings := _readings(heard, said, thing)):
                return readings
    return []


def _quantified(heard: Heard, place: int) -> Quantified | None:
    """ "each gym", "all of the small gyms", "gym by gym"."""
    start = place + 1
    if heard.word(place) in QUANTIFIERS:
        while heard.word(start) in DETERMINERS or heard.word(start) in ("single", "one", "and", "every"):
            start += 1
    elif not _repeats(heard, start):
        return None
    else:
        start += 1
    noun = next((one for one in heard.nouns if one.start >= start), None)
    valued = places_of(heard.values_in(start, heard.end))
    if noun is None or noun.table is None or any(at not in valued for at in range(start, noun.start)):
        return _floating(heard, place) if heard.word(place) in QUANTIFIERS else None
    return Quantified(place, noun, noun.table)


def _floating(heard: Heard, place: int) -> Quantified | None:
    """ "the gyms all": a quantifier right after its noun."""
    noun = next((one for one in heard.nouns if one.end == place), None)
    if noun is None or noun.table is None or heard.word(noun.start - 1) not in ("the", "these", "those", "our"):
        return None
    return Quantified(noun.start - 1, noun, noun.table)


def _repeats(heard: Heard, place: int) -> bool:
    """Whether "by" stands here between the same noun twice."""
    return heard.word(place) == "by" and heard.lemma(place - 1) == heard.lemma(place + 1)


def _related(heard: Heard, holder: str, nouns: Sequence[Noun]) -> Related | None:
    """The one noun of other rows, with the columns that are asked for before it; or a column of other rows."""
    heads = [noun for noun in nouns if noun.table]
    if len({head.table for head in heads}) == 1 and heads[0].table != holder:
        head, table = heads[0], heads[0].table or ""
        flags = places_of(heard.flags)
        after = [noun for noun in nouns[nouns.index(head) :] if noun.start == head.end]
        named = [noun for noun in nouns[: nouns.index(head)] if noun.start not in flags or noun.end != head.start]
        named = [noun for noun in (*named, *after) if not is_of_names(heard, noun, table)]
        shown = [key for noun in named for key in noun.columns if key[0] == table]
        if len(shown) == len(named):
            return Related(head, table, tuple(shown) or called(heard.catalog, table), tuple(named))
    elif not heads and nouns and len(nouns[0].columns) == 1:
        key = nouns[0].columns[0]
        return None if _is_of(heard, nouns[0], holder) else Related(nouns[0], key[0], (key,))
    return None


def _is_of(heard: Heard, noun: Noun, table: str) -> bool:
    """Whether a noun may well name a column of that table."""
    keys = (entry.key for entry in heard.catalog.tables[table].columns)
    links = (link for key in keys for link in heard.analysis.column_links.get(key, ()))
    return any(link.quality >= LEAST_OWN and (link.start, link.end) == (noun.start, noun.end) for link in links)


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
    meanings = _meant(heard, said, thing, own, shared)
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


def _meant(heard: Heard, said: Quantified, thing: Related, own: Meaning, shared: Meaning) -> list[Meaning]:
    """Both meanings, or the one that the other words of the question leave."""
    if _says_apart(heard, said):
        return [own]
    if _says_together(heard):
        return [shared]
    if thing.noun.start >= said.noun.end:  # "for each gym, the activities"
        return [own] if heard.word(said.place) != "all" else []
    gap = [heard.word(place) for place in range(thing.end, said.place)]
    if CONJUNCTIONS & set(gap):
        return []
    last = gap[-1] if gap else ""
    if not gap or last in RELATIVES | AUXILIARIES:
        return [own, shared]
    if last in PREPOSITIONS:
        return _after_preposition(heard, said, gap, own, shared)
    is_finite = not last.endswith("ing")  # "which farms grow all crops", but "sponsors supporting all festivals"
    return [shared] if heard.word(said.place) == "all" and is_finite else [own, shared]


def _after_preposition(
    heard: Heard, said: Quantified, gap: Sequence[str], own: Meaning, shared: Meaning
) -> list[Meaning]:
    """ "used in every dish" may be meant either way; "for each" and "of all" alone say which rows are listed."""
    alone = len(gap) == 1
    if alone and gap[0] in ("for", "with"):
        return [own] if heard.word(said.place) != "all" else []
    if alone and gap[0] == "of" and heard.word(said.place) == "all":
        return []
    return [own, shared]


def _says_apart(heard: Heard, said: Quantified) -> bool:
    if APART & set(heard.words) or (heard.word(said.place - 1) == "for" and said.place <= 1):
        return True
    return any(_repeats(heard, place) for place in range(1, heard.end))


def _says_together(heard: Heard) -> bool:
    if TOGETHER & set(heard.words):
        return True
    return any(
        heard.words[place : place + len(phrase)] == phrase for phrase in TOGETHER_PHRASES for place in range(heard.end)
    )
