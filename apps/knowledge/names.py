"""Names of tables and columns as words people say: split, unabbreviated and stemmed."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from .lexicon import default_lexicon
from .word_forms import lemma, root

__all__ = ["ABBREVIATIONS", "STOP_WORDS", "common_words", "glued_parts", "lemma", "root", "split_name", "word_set"]

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
LONGEST_GLUED = 40
MOST_PARTS = 4


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for lists that would fill a page one to a line."""
    return frozenset(text.split())


def _read_abbreviations() -> dict[str, str]:
    """Short form to words, from the file beside this module."""
    lines = Path(__file__).with_name("abbreviations.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {short: words for short, _, words in pairs}


ABBREVIATIONS = _read_abbreviations()

# Short words that names are glued together from ("customerid", "gname", "numcitedby").
GLUED_ENDS = (
    "id",
    "ids",
    "name",
    "code",
    "date",
    "type",
    "time",
    "number",
    "count",
    "title",
    "key",
    "by",
    "desc",
    "price",
)
GLUED_STARTS = ("num", "min", "max", "avg", "total", "is", "has", "date")

STOP_WORDS = word_set(
    """
    a an the of in on at to for from by with and or is are was were be been do does did has have had that this
    these those it its as into than then there their them they all any each every whose which who what when
    where how many much list show find give return display tell me us i we our my you your please also
    """
)


def split_name(name: str, vocabulary: Collection[str] = ()) -> tuple[str, ...]:
    """The words of an identifier, lower-case, singular, unabbreviated.

    `vocabulary` holds words that glued names of the same schema may be made of.
    """
    words: list[str] = []
    for piece in _pieces(name.replace("'", "")):
        for part in _unglue(piece, vocabulary):
            words.extend(ABBREVIATIONS.get(part, part).split())
    spoken = [word for word in words if len(word) > 1 or word.isdigit() or not word.isascii()] or words
    return tuple(lemma(word) for word in spoken)


def glued_parts(word: str, vocabulary: Collection[str]) -> list[str]:
    """The words that a glued word of a question is made of, or none where it is whole."""
    parts = _unglue(word, vocabulary)
    return [lemma(spoken) for part in parts for spoken in ABBREVIATIONS.get(part, part).split()] if parts[1:] else []


def _pieces(name: str) -> Iterator[str]:
    """Runs of letters or digits in lower case, cut before capitals: "HTMLPage2" is three."""
    if name.isascii():
        yield from (piece.lower() for piece in _PIECES.findall(name))
        return
    for run in _LETTERS_OR_DIGITS.findall(name):
        start = 0
        for place in range(1, len(run)):
            if run[place].isupper() and not run[place - 1].isupper():
                yield run[start:place].lower()
                start = place
        yield run[start:].lower()


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words of everyday language that glued names are made of: those of the lexicon and of the list beside it."""
    lexicon = default_lexicon()
    phrases = [*lexicon.synonyms, *lexicon.hints]
    listed = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").splitlines()
    words = {word for line in listed if not line.startswith("#") for word in line.split()}
    return frozenset(words | {phrase for phrase in phrases if " " not in phrase and len(phrase) > 2})


def _unglue(word: str, vocabulary: Collection[str]) -> list[str]:
    """Split "customerid" into "customer", "id"; words that are whole stay whole."""
    if len(word) < 3 or len(word) > LONGEST_GLUED or _is_whole(word, vocabulary) or _is_whole(lemma(word), vocabulary):
        return [word]
    for end in GLUED_ENDS:
        start = word[: -len(end)]
        if start and word.endswith(end) and _may_stand_before(start, end, vocabulary):
            return [*_unglue(start, vocabulary), end] if len(start) > 1 else [end]
    for start in GLUED_STARTS:
        rest = word[len(start) :]
        if word.startswith(start) and rest in vocabulary:
            return [start, rest]
    return _cover(word, vocabulary) or [word]


def _is_whole(word: str, vocabulary: Collection[str]) -> bool:
    return word in ABBREVIATIONS or word in vocabulary or word in common_words()


def _may_stand_before(start: str, end: str, vocabulary: Collection[str]) -> bool:
    """Whether what is left of an ending reads as a word of its own ("paid" is not "pa", "id")."""
    if start in vocabulary or start in ABBREVIATIONS or (len(start) > 3 and start in common_words()):
        return True
    return end in ("id", "name") and start + end not in _NOT_GLUED


_NOT_GLUED = word_set("paid void valid grid acid bid kid rapid covid rename said avoid solid fluid rigid hybrid")


def _cover(word: str, vocabulary: Collection[str]) -> list[str]:
    """The fewest known words that make up the whole word, or nothing.

    Words of everyday language count only from four letters on: "carpet" is not "car", "pet".
    """
    best: list[list[str] | None] = [[], *([None] * len(word))]
    for end in range(3, len(word) + 1):
        for start in range(max(0, end - 20), end - 2):
            before, part = best[start], word[start:end]
            if before is None or len(before) == MOST_PARTS or not _is_part(part, vocabulary):
                continue
            known = best[end]
            if known is None or len(before) + 1 < len(known):
                best[end] = [*before, part]
    return best[-1] or []


def _is_part(part: str, vocabulary: Collection[str]) -> bool:
    return part in vocabulary or part in ABBREVIATIONS or (len(part) > 3 and part in common_words())
