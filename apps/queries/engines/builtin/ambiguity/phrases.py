"""Stretches of a question that may be vague, and whether a name says what they mean after all."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from apps.knowledge.joins import Join
from apps.knowledge.name_matching import Link
from apps.knowledge.said import EXACT, SYNONYM
from apps.queries.engines.builtin.plan import ColumnKey

from .facts import is_of_one
from .heard import Heard, is_junction
from .hypernyms import hypernyms
from .rows import called
from .values import is_content, places_of, singulars
from .wordlists import IMPERATIVES

LONGEST = 3
PARTLY, NAMED = 0.5, 0.97
_WHO = frozenset(("who", "whom"))
_ASKING = frozenset(("who", "whom", "where", "when"))
_BEFORE_ASKING = frozenset(("me", "us", "know", "see", "out"))
_BEFORE_VERBS = frozenset("who to i we you they he she it does do did can will not".split())
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s?$")


@dataclass(frozen=True)
class Phrase:
    """Tokens `start` to `end` (exclusive) of a question."""

    heard: Heard
    start: int
    end: int

    @cached_property
    def said(self) -> str:
        """The words, with the last one in the form that is known as a general word, if any is."""
        before = [self.heard.lemma(place) for place in range(self.start, self.end - 1)]
        forms = [" ".join([*before, form]) for form in singulars(self.heard.analysis.tokens[self.end - 1])]
        return next((form for form in forms if form in hypernyms()), forms[0])

    @cached_property
    def general(self) -> frozenset[str]:
        """The names that the words may stand for as a general word."""
        return hypernyms().get(self.said, frozenset())

    @property
    def asks_who(self) -> bool:
        return self.said in _WHO

    @cached_property
    def sorts(self) -> set[ColumnKey]:
        """Columns that the words name in part, or some sort of what they say: mobile and office phone of a phone."""
        partly = (one for one in self._links if one.quality >= PARTLY and one.way > SYNONYM)
        found = {(one.table, one.column) for one in partly if one.column is not None}
        last = (
            self.end - 2 if self.heard.lemma(self.end - 1) == "number" and self.end > self.start + 1 else self.end - 1
        )
        if last > self.start or self.heard.word(last) in IMPERATIVES:
            return found
        heads, columns = singulars(self.heard.analysis.tokens[last]), self.heard.catalog.columns
        return found | {key for key, one in columns.items() if len(one.words) > 1 and one.words[-1] in heads}

    @property
    def _links(self) -> Iterator[Link]:
        links = self.heard.analysis.links
        return (one for one in links if (one.start, one.end) == (self.start, self.end))

    def is_beside(self, start: int, end: int) -> bool:
        """Whether a stretch stands outside of this one."""
        return end <= self.start or start >= self.end

    @cached_property
    def about(self) -> list[str]:
        """The tables that the rest of the question names, or holds the values of."""
        nouns = [noun for noun in self.heard.nouns if self.is_beside(noun.start, noun.end)]
        about = [noun.table for noun in nouns if noun.table]
        about += [key[0] for value in self.heard.values for key, _ in value.places]
        about += [noun.columns[0][0] for noun in nouns if len(noun.columns) == 1 and not about]
        return list(dict.fromkeys(about))

    @cached_property
    def tables(self) -> list[str]:
        """Those, and the tables that their rows belong to, or that hold details of them."""
        catalog = self.heard.catalog
        joins = [join for table in self.about for join in catalog.joins.joins_from(table)]
        near = [join.target for join in joins if self._belongs(join) and not is_junction(catalog.tables[join.target])]
        return list(dict.fromkeys([*self.about, *near]))

    def _belongs(self, join: Join) -> bool:
        catalog = self.heard.catalog
        return is_of_one(catalog, join.table, join.target) or not called(catalog, join.target)

    @property
    def is_noun(self) -> bool:
        """Whether the words stand where a noun may: "who", "what does it cost?", but not "employees work on", nor
        before another noun ("tourist attractions")."""
        heard, start = self.heard, self.start
        if any(noun.start == self.end for noun in heard.nouns) and start > 0:
            return False
        if start == 0 or heard.word(0) == "how":
            return True
        if self.said in _ASKING and heard.word(start - 1) not in _BEFORE_ASKING:  # "the staff who …"
            return False
        if self.end == heard.end and heard.says(0, start, "does", "do", "did"):
            return True
        before = heard.analysis.tokens[start - 1]
        if is_content(before) and start - 1 not in places_of(heard.values) and not _POSSESSIVE.search(before.text):
            return start == 1 and heard.word(0) in IMPERATIVES
        return heard.word(start - 1) not in _BEFORE_VERBS

    @property
    def is_named(self) -> bool:
        """Whether some name says just these words, or more words around them that belong to a name."""
        own = {one.table for one in self._links if one.column is None and one.way == EXACT and one.quality >= PARTLY}
        if len(own) == 1 and all(called(self.heard.catalog, table) for table in own):
            return True
        links = [one for one in self.heard.analysis.links if one.start <= self.start and self.end <= one.end]
        return any(self._names(link) for link in links if link.column is None or self._is_in_play(link, self.tables))

    def _is_in_play(self, link: Link, tables: Sequence[str]) -> bool:
        return not tables or link.table in tables

    def _names(self, link: Link) -> bool:
        names = called(self.heard.catalog, link.table)
        if link.column and link.way > SYNONYM and (link.table, link.column) in names:
            return True
        is_whole = link.way == EXACT and (link.column is not None or bool(names))
        return link.quality >= NAMED and (is_whole or link.end - link.start > self.end - self.start)
