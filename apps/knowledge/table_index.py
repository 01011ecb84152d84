"""Which tables of a schema say a word, small enough for tens of thousands of tables."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apps.datasources.schema import Schema

from .comments import comment_words
from .names import STOP_WORDS, common_words, root
from .naming import Naming

MIN_TYPO_LENGTH, LONG_WORD = 4, 8
MOST_CORRECTIONS = 3
_VOWELS = frozenset("aeiou")
# What a word counts in a table's own name, in a column's, in a comment.
NAME, COLUMN, COMMENT = 1.0, 0.6, 0.3


@dataclass(frozen=True, slots=True)
class Postings:
    """Numbers of tables that say a word, ascending: in their own name, in a column's, in a comment."""

    named: "array[int]"
    columns: "array[int]"
    comments: "array[int]"


class TableIndex:
    """Roots of words to the tables that say them; `names` gives a table's full name by its number."""

    def __init__(self, schema: Schema, naming: Naming) -> None:
        self.names = [table.full_name for table in schema]
        self.vocabulary = naming.vocabulary
        self.name_sizes = array("B", (min(255, len(naming.table_words(table.name))) for table in schema))
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
        self._words = sorted(set(naming.words()))
        self._short = {word for word in self._words if 3 <= len(word) <= 6 and word.isalpha()} - common_words()

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, word: object) -> bool:
        return word in self._postings

    def postings(self, word: str) -> Postings | None:
        """The tables that say a word of that root."""
        return self._postings.get(word)

    def fields(self, postings: Postings) -> tuple[tuple["array[int]", float, float], ...]:
        """The tables that say a word in each field, what the field counts, and how rare the word is there."""
        anywhere = self.rarity(len(postings.named) + len(postings.columns))
        return (
            (postings.named, NAME, self.rarity(len(postings.named))),
            (postings.columns, COLUMN, anywhere),
            (postings.comments, COMMENT, self.rarity(len(postings.comments))),
        )

    def number(self, full_name: str) -> int:
        """The number of a table."""
        return self._numbers[full_name]

    def find(self, full_name: str) -> int | None:
        """The number of a table, None where there is no such table."""
        return self._numbers.get(full_name)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def rarity(self, tables: int) -> float:
        """How much it says that so many tables say a word."""
        return log(1 + (len(self.names) - tables + 0.5) / (tables + 0.5))

    def near(self, word: str) -> list[str]:
        """Roots of the words that this one misspells; a wrong first letter is rare, and "please" is not "lease"."""
        if len(word) < MIN_TYPO_LENGTH or word in STOP_WORDS:
            return []
        hits = process.extract(
            word,
            self._by_letter.get(word[0], []),
            scorer=OSA.distance,
            score_cutoff=1 if len(word) < LONG_WORD else 2,
            limit=MOST_CORRECTIONS,
        )
        return list(dict.fromkeys(root(known) for known, distance, _ in hits if distance == hits[0][1]))

    def shortened(self, word: str) -> list[str]:
        """Words of names that seem to be short for this one: its beginning, or its consonants."""
        starts = (word[:length] for length in range(3, min(len(word), 6)))
        found = [root(start) for start in starts if start in self._short]
        return [*found, *self._by_consonants.get(consonants(word), ())]

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for known in self._words:
            if len(known) >= MIN_TYPO_LENGTH and not known.isdigit():
                found[known[0]].append(known)
        return found

    @cached_property
    def _by_consonants(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._short):
            key = consonants(word)
            if len(key) > 1:
                found[key].append(root(word))
        return found


def consonants(word: str) -> str:
    """The first letter and the consonants after it, each run of one letter once."""
    kept = word[:1] + "".join(letter for letter in word[1:] if letter not in _VOWELS)
    return "".join(letter for place, letter in enumerate(kept) if letter != kept[place - 1 : place])


def holds(numbers: Sequence[int], number: int) -> bool:
    """Whether an ascending list holds a number."""
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number
