"""Sentences of a text, and what each names: rows by their labels, columns by their words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from apps.queries.prose.tables import MOST_LABEL_WORDS, Measure, Table, stems_of

_ABBREVIATIONS = frozenset(
    "no nos approx ca vs e.g i.e etc mr mrs ms dr prof st inc ltd co corp u.s u.k fig jan feb mar apr jun jul aug sep "
    "sept oct nov dec mio est avg max min dept".split()
)
_END = re.compile("[.!?]+[\"'\u201d\u2019)\\]]*(?=\\s|$)|\n+")
_CLAUSE = re.compile(
    r"[,;:()—]|\b(?:and|while|whereas|but|followed by|then|versus|vs|compared (?:to|with)|than)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Named:
    """A label in the text, with the rows that it names."""

    text: str
    span: tuple[int, int]
    rows: frozenset[int]


@dataclass(frozen=True)
class Sentence:
    """One sentence, at `start` of its text."""

    text: str
    start: int
    named: tuple[Named, ...]
    measures: tuple[Measure, ...]

    @cached_property
    def rows(self) -> frozenset[int]:
        return frozenset[int]().union(*(one.rows for one in self.named))

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Do these words stand in the sentence, outside of labels?"""
        return bool(pattern.search(self.bare))

    @cached_property
    def bare(self) -> str:
        """The sentence with its labels blanked out: what a row is called is no statement."""
        text = self.text
        for one in self.named:
            text = text[: one.span[0]] + " " * (one.span[1] - one.span[0]) + text[one.span[1] :]
        return text

    def clause_at(self, place: int) -> tuple[int, int]:
        """The bounds of the clause around this place."""
        cuts = [0, *(match.start() for match in _CLAUSE.finditer(self.bare)), len(self.text)]
        start = max(cut for cut in cuts if cut <= place)
        return start, min((cut for cut in cuts if cut > place), default=len(self.text))


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The bounds of the sentences; decimals, abbreviations and "No. 5" end none."""
    bounds, start = [], 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _goes_on(text, match):
            continue
        bounds.append((start, match.end()))
        start = match.end()
    if text[start:].strip():
        bounds.append((start, len(text)))
    return [(left, right) for left, right in bounds if text[left:right].strip()]


def _goes_on(text: str, match: re.Match[str]) -> bool:
    before = re.search(r"[\w.]*$", text[: match.start()])
    word = before.group().casefold() if before else ""
    after = text[match.end() :].lstrip()[:1]
    if word in _ABBREVIATIONS and (word not in ("no", "nos", "may") or after.isdigit()):
        return bool(after) and not (word == "etc" and after.isupper())
    return bool(after) and after.islower() and len(word) <= 3 and not word.isdigit()


def sentences_of(text: str, table: Table) -> list[Sentence]:
    """The sentences with what they name."""
    return [_read(text[left:right], left, table) for left, right in split_sentences(text)]


def _read(text: str, start: int, table: Table) -> Sentence:
    named = tuple(_named(text, table))
    stems = stems_of(re.findall(r"[A-Za-z]+", text))
    return Sentence(text, start, named, tuple(one for one in table.measures if one.stems and one.stems <= stems))


def _named(text: str, table: Table) -> Iterator[Named]:
    """Labels from left to right, the longest first where they overlap."""
    words = [(match.group().casefold(), match.span()) for match in re.finditer(r"\w+", text)]
    at = 0
    while at < len(words):
        for length in range(min(MOST_LABEL_WORDS, len(words) - at), 0, -1):
            key = tuple(word for word, _ in words[at : at + length])
            if key in table.labels:
                span = (words[at][1][0], words[at + length - 1][1][1])
                yield Named(text[span[0] : span[1]], span, table.labels[key])
                at += length - 1
                break
        at += 1
