"""An organization's own words, and what they mean in a data source. Plain values; no Django here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .catalog import Catalog
from .comments import comment_words
from .name_matching import Link
from .names import lemma
from .said import EXACT, Hit, Said
from .tokens import Token
from .values import ValueIndex, ValueMatch, value_key

SURE = 0.97
DEFINITION_WEIGHT = 0.4


@dataclass(frozen=True, slots=True)
class Term:
    """`phrases` are the term and its synonyms; it means a table, a column or a value as far as these are named.

    Where no table is named, the words of `definition` say weakly what is meant.
    """

    phrases: tuple[str, ...]
    table: str = ""
    column: str = ""
    value: str = ""
    definition: str = ""


def said_terms(tokens: Sequence[Token], terms: Sequence[Term]) -> Iterator[tuple[int, int, Term]]:
    """Where in a question each term is said: tokens from start to end (exclusive)."""
    words = [token.lemma for token in tokens]
    for term in terms:
        for phrase in term.phrases:
            wanted = [lemma(word) for word in value_key(phrase).split()]
            for start in range(len(words) - len(wanted) + 1) if wanted else ():
                if words[start : start + len(wanted)] == wanted:
                    yield start, start + len(wanted), term


def term_links(tokens: Sequence[Token], terms: Sequence[Term], catalog: Catalog) -> Iterator[Link]:
    """Links of terms that name a table or a column of the catalog; a term for a value is found among the values."""
    for start, end, term in said_terms(tokens, terms):
        entry = catalog.tables.get(term.table)
        if entry is None or term.value:
            continue
        if not term.column:
            yield Link(start, end, entry.name, None, SURE, EXACT, 1.0)
        elif column := catalog.column(entry.name, term.column):
            yield Link(start, end, column.table, column.name, SURE, EXACT, 1.0)


def add_definitions(said: Said, tokens: Sequence[Token], terms: Sequence[Term]) -> None:
    """Let a term that names no table mean a little of what its definition says."""
    for start, end, term in said_terms(tokens, terms):
        for word in () if term.table else comment_words(term.definition):
            said.setdefault(word, []).append(Hit(start, end, DEFINITION_WEIGHT))


@dataclass(frozen=True)
class ValuesWithTerms:
    """An index of values in which terms that mean a value are found too, before the values themselves."""

    values: ValueIndex
    terms: Sequence[Term]

    def find(self, phrase: str, *, limit: int = 10, exact: bool = False) -> Sequence[ValueMatch]:
        """The values that `phrase` may mean, best first."""
        meant = self._meant.get(value_key(phrase), [])
        found = self.values.find(phrase, limit=limit, exact=exact)
        return [*meant, *(match for match in found if match.score > SURE or not meant)][:limit]

    @cached_property
    def _meant(self) -> dict[str, list[ValueMatch]]:
        """The values of terms by what people say for them."""
        found: dict[str, list[ValueMatch]] = {}
        for term in self.terms:
            if term.value and term.column:
                for key in dict.fromkeys(value_key(one) for one in term.phrases):
                    found.setdefault(key, []).append(ValueMatch(term.table, term.column, term.value, SURE))
        return found
