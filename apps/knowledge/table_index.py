"""Which tables of a schema say a word, small enough for tens of thousands of tables."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import log

from rapidfuzz import fuzz, process

from apps.datasources.schema import Schema

from .comments import comment_words
from .names import STOP_WORDS, root
from .naming import Naming

MIN_TYPO_LENGTH = 5
TYPO_CUTOFF = 82
MOST_CORRECTIONS = 3
# What a word counts in a table's own name, in a column's, in a comment.
NAME, COLUMN, COMMENT = 1.0, 0.6, 0.3


@dataclass(frozen=True, slots=True)
class Postings:
    """Numbers of tables that say a word, ascending: in their own name, in a column's, in a comment."""

    named: "array[int]"
    columns: "array[int]"
    comments: "array[int]"

    def fields(self) -> tuple[tuple["array[int]", float], ...]:
        """Each list with what it counts, the best first."""
        return (self.named, NAME), (self.columns, COLUMN), (self.comments, COMMENT)

    def __len__(self) -> int:
        return len(self.named) + len(self.columns) + len(self.comments)


class TableIndex:
    """Roots of words to the tables that say them; `names` gives a table's full name by its number."""

    def __init__(self, schema: Schema, naming: Naming) -> None:
        self.names = [table.full_name for table in schema]
        self.vocabulary = naming.vocabulary
        found: dict[str, tuple[array[int], ...]] = defaultdict(lambda: (array("I"), array("I"), array("I")))
        for number, table in enumerate(schema):
            named = {root(word) for word in naming.table_words(table.name)}
            columns = {root(word) for column in table.columns for word in naming.column_words(column.name)} - named
            comments = {table.comment, *(column.comment for column in table.columns)} - {""}
            told = {root(word) for comment in comments for word in comment_words(comment)} - named - columns
            for field, words in enumerate((named, columns, told)):
                for word in words:
                    found[word][field].append(number)
        self._postings = {word: Postings(*lists) for word, lists in found.items()}

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, word: object) -> bool:
        return word in self._postings

    def postings(self, word: str) -> Postings | None:
        """The tables that say a word of that root."""
        return self._postings.get(word)

    def rarity(self, tables: int) -> float:
        """How much it says that so many tables say a word."""
        return log(1 + (len(self.names) - tables + 0.5) / (tables + 0.5))

    def near(self, word: str) -> list[str]:
        """Roots that this one misspells; a wrong first letter is rare, and "please" is not "lease"."""
        if len(word) < MIN_TYPO_LENGTH or word in STOP_WORDS:
            return []
        hits = process.extract(
            word, self._by_letter.get(word[0], []), scorer=fuzz.ratio, score_cutoff=TYPO_CUTOFF, limit=MOST_CORRECTIONS
        )
        return [known for known, score, _ in hits if score >= hits[0][1] - 1]

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for known in self._postings:
            if len(known) >= MIN_TYPO_LENGTH - 1 and not known.isdigit():
                found[known[0]].append(known)
        return found


def holds(numbers: "array[int]", number: int) -> bool:
    """Whether an ascending list holds a number."""
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number
