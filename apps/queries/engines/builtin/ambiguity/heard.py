"""What a question names: tables and columns by their nouns, stored values, and the words that nothing accounts for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind, TableEntry
from apps.knowledge.name_matching import Link
from apps.knowledge.said import EXACT, SYNONYM
from apps.knowledge.tokens import Token, TokenKind
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.plan import ColumnKey

from .values import LEAST_NAMED, Stored, counted_values, flags_said, is_content, odd_values, places_of, values_said
from .wordlists import CONJUNCTIONS, IMPERATIVES, PARTICIPLES

SURE = 0.9
SLACK = 0.05


@dataclass(frozen=True, slots=True)
class Noun:
    """Tokens that name tables, or columns where no table is named as well."""

    start: int
    end: int
    tables: tuple[str, ...] = ()
    columns: tuple[ColumnKey, ...] = ()

    @property
    def table(self) -> str | None:
        """The table that it names, if it is one."""
        return self.tables[0] if len(self.tables) == 1 else None


@dataclass(frozen=True)
class Heard:
    """One question, its nouns and its values in their order."""

    analysis: Analysis
    nouns: tuple[Noun, ...]
    values: tuple[Stored, ...]
    flags: tuple[Stored, ...] = ()
    """Names of columns that hold yes or no, each with its yes: what some modifiers are ("vegan cakes")."""

    @property
    def catalog(self) -> Catalog:
        return self.analysis.catalog

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every token in lower case."""
        return tuple(token.text.lower() for token in self.analysis.tokens)

    @cached_property
    def end(self) -> int:
        """Where the words stop: before the closing sign."""
        last = len(self.words)
        return last - 1 if last and self.words[-1] in (".", "?", "!") else last

    def word(self, place: int) -> str:
        """The word at a place, empty outside of the question."""
        return self.words[place] if 0 <= place < len(self.words) else ""

    def lemma(self, place: int) -> str:
        return self.analysis.tokens[place].lemma if 0 <= place < len(self.words) else ""

    def says(self, start: int, end: int, *said: str) -> bool:
        """Whether one of these words stands in a stretch."""
        return any(word in said for word in self.words[max(start, 0) : end])

    def nouns_in(self, start: int, end: int) -> list[Noun]:
        return [noun for noun in self.nouns if start <= noun.start and noun.end <= end]

    def values_in(self, start: int, end: int) -> list[Stored]:
        return [value for value in self.values if start <= value.start and value.end <= end]

    def with_noun(self, noun: Noun) -> "Heard":
        """The same where these tokens are known to mean this and nothing else."""
        nouns = [one for one in self.nouns if one.end <= noun.start or one.start >= noun.end]
        values = tuple(one for one in self.values if one.end <= noun.start or one.start >= noun.end)
        return replace(self, nouns=tuple(sorted([*nouns, noun], key=lambda one: one.start)), values=values)


def hear(analysis: Analysis) -> Heard:
    """Names and values of a question; where they overlap, the longer and surer one counts."""
    nouns = _nouns(analysis)
    values = [one for one in values_said(analysis) if not _is_named(one, nouns, analysis)]
    values += counted_values(analysis, values)
    values += odd_values(analysis, values)
    taken = places_of(values)
    kept = tuple(noun for noun in nouns if taken.isdisjoint(places_of([noun])))
    flags = tuple(flags_said(analysis))
    return Heard(analysis, kept, tuple(sorted(values, key=lambda one: one.start)), flags)


def is_of_names(heard: Heard, noun: Noun, table: str) -> bool:
    """Whether "names" asks for what rows of a table are called, whatever their column's name."""
    return heard.lemma(noun.end - 1) == "name" and all(key[0] != table for key in noun.columns)


def is_plain(entry: ColumnEntry) -> bool:
    """Whether people speak of a column: not of numbers that only identify rows."""
    return not (entry.is_primary or entry.is_foreign or entry.is_id) or entry.kind is not Kind.NUMBER


def _is_plural_name(link: Link, said: Sequence[Token]) -> bool:
    """Whether a word that mostly says nothing is a table's plural ("shows")."""
    return link.column is None and len(said) == 1 and said[0].text.lower() == f"{said[0].lemma}s"


def is_deed(word: str) -> bool:
    """Whether a word is a participle, which tells what was done rather than naming anything."""
    return word in PARTICIPLES or (len(word) > 4 and word.endswith(("ed", "ing")))


def is_idle(tokens: Sequence[Token], link: Link) -> bool:
    """Whether a link rests on the place of "take place"."""
    before = tokens[link.start - 1].text.lower() if link.start else ""
    return tokens[link.start].lemma == "place" and before in ("take", "takes", "took", "taking", "taken")


def is_junction(table: TableEntry) -> bool:
    """Whether a table only ties rows of others together: nobody asks for its rows."""
    keys = sum(column.is_foreign for column in table.columns)
    return keys > 1 and not any(column.kind is Kind.TEXT and not column.is_foreign for column in table.columns)


def _nouns(analysis: Analysis) -> list[Noun]:
    """The best links of each stretch, long and sure ones first, none over another."""
    stretches: dict[tuple[int, int], list[Link]] = {}
    for link in analysis.links:
        if link.quality >= LEAST_NAMED and _may_name(link, analysis):
            stretches.setdefault((link.start, link.end), []).append(link)
    ranked = sorted(stretches.items(), key=lambda one: (one[0][0] - one[0][1], -_best(one[1])))
    chosen: list[Noun] = []
    for (start, end), links in ranked:
        if all(one.end <= start or one.start >= end for one in chosen):
            near = [link for link in links if link.quality >= _best(links) - SLACK]
            tables = tuple(dict.fromkeys(link.table for link in near if link.column is None))
            columns = tuple(dict.fromkeys((link.table, link.column) for link in near if link.column is not None))
            chosen.append(Noun(start, end, tables, columns))
    return sorted(chosen, key=lambda one: one.start)


def _best(links: Iterable[Link]) -> float:
    return max(link.quality for link in links)


def _may_name(link: Link, analysis: Analysis) -> bool:
    said = analysis.tokens[link.start : link.end]
    is_said = any(is_content(token) for token in said) or (link.start > 0 and _is_plural_name(link, said))
    if not is_said or link.way < SYNONYM:
        return False
    if link.start == 0 and said[0].text.lower() in IMPERATIVES:
        return False
    if any(token.lemma in CONJUNCTIONS for token in said) or is_idle(analysis.tokens, link):
        return False
    if len(said) == 1 and link.way < EXACT and is_deed(said[0].text.lower()):  # "written" is no author
        return False
    if link.column is None:
        return not is_junction(analysis.catalog.tables[link.table])
    return is_plain(analysis.catalog.columns[(link.table, link.column)])


def _is_named(value: Stored, nouns: Sequence[Noun], analysis: Analysis) -> bool:
    """Whether a single word in small letters surely names something: then a value of that spelling is chance."""
    token = analysis.tokens[value.start]
    if value.end - value.start > 1 or (token.is_capitalized and value.start) or token.kind is TokenKind.QUOTED:
        return False
    sure = analysis.best_quality.get(value.start, 0.0) >= SURE
    return sure and any(noun.start <= value.start < noun.end for noun in nouns)
