"""What a quantifier runs over, and what is asked for beside it: "the activities that every gym in Berlin offers"."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.queries.engines.builtin.plan import ColumnKey

from .heard import Heard, Noun, is_of_names
from .rows import called
from .values import places_of
from .wordlists import DETERMINERS, QUANTIFIERS

LEAST_OWN = 0.5


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


def quantified(heard: Heard, place: int) -> Quantified | None:
    """ "each gym", "all of the small gyms", "gym by gym"."""
    start = place + 1
    if heard.word(place) in QUANTIFIERS:
        while heard.word(start) in DETERMINERS or heard.word(start) in ("single", "one", "and", "every"):
            start += 1
    elif not repeats(heard, start):
        return None
    else:
        start += 1
    noun = next((one for one in heard.nouns if one.start >= start), None)
    valued = places_of(heard.values_in(start, heard.end))
    if value := _rows_with_value(heard, start, noun):
        return Quantified(place, value, value.tables[0])
    if noun is None or noun.table is None or any(at not in valued for at in range(start, noun.start)):
        return _floating(heard, place) if heard.word(place) in QUANTIFIERS else None
    return Quantified(place, noun, noun.table)


def _rows_with_value(heard: Heard, start: int, noun: Noun | None) -> Noun | None:
    """ "all associates": rows that are called by a value of theirs, where no noun of them follows."""
    value = next((one for one in heard.values if one.start == start), None)
    if value is None or (noun is not None and noun.start == value.end):
        return None
    last = heard.analysis.tokens[value.end - 1]
    tables = {key[0] for key, _ in value.places}
    is_plural = last.text.lower() != last.lemma or heard.word(start - 1) in ("each", "every")
    return Noun(value.start, value.end, tuple(tables)) if len(tables) == 1 and is_plural else None


def _floating(heard: Heard, place: int) -> Quantified | None:
    """ "the gyms all": a quantifier right after its noun."""
    noun = next((one for one in heard.nouns if one.end == place), None)
    if noun is None or noun.table is None or heard.word(noun.start - 1) not in ("the", "these", "those", "our"):
        return None
    return Quantified(noun.start - 1, noun, noun.table)


def repeats(heard: Heard, place: int) -> bool:
    """Whether "by" stands here between the same noun twice."""
    return heard.word(place) == "by" and heard.lemma(place - 1) == heard.lemma(place + 1)


def related_to(heard: Heard, holder: str, nouns: Sequence[Noun]) -> Related | None:
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
