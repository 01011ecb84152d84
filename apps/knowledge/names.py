"""Names of tables and columns as words people say: split, unabbreviated and stemmed."""

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


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

_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "criteria": "criterion",
    "data": "data",
    "series": "series",
    "species": "species",
    "status": "status",
    "statuses": "status",
    "bus": "bus",
    "buses": "bus",
    "gas": "gas",
    "news": "news",
    "lens": "lens",
    "campus": "campus",
    "campuses": "campus",
    "analysis": "analysis",
    "analyses": "analysis",
    "address": "address",
    "aircrafts": "aircraft",
    "movies": "movie",
    "cookies": "cookie",
    "media": "medium",
    "matches": "match",
    "addresses": "address",
    "bonus": "bonus",
    "bonuses": "bonus",
    "lives": "life",
    "knives": "knife",
    "wives": "wife",
    "indices": "index",
    "staffs": "staff",
    "this": "this",
    "always": "always",
    "headquarters": "headquarter",
    "less": "less",
    "plus": "plus",
    "ids": "id",
    "has": "has",
    "was": "was",
    "does": "does",
    "is": "is",
    "his": "his",
    "its": "its",
    "us": "us",
}
_ROOT_ENDINGS = (
    "ationship",
    "ization",
    "isation",
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ers",
    "ors",
    "ees",
    "ions",
    "ion",
    "ance",
    "ence",
    "ally",
    "ity",
    "ies",
    "ied",
    "ed",
    "er",
    "or",
    "ee",
    "al",
    "ly",
    "es",
    "s",
    "e",
    "y",
    "i",
)


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """The singular of a lower-case English noun, and other words unchanged: "cities" gives "city"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """What "directed", "director" and "direction" share; coarse, at least four letters long."""
    word = lemma(word)
    for _ in range(2):
        for ending in _ROOT_ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 4:
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 5 and word[-1] == word[-2] else word


def split_name(name: str, vocabulary: Collection[str] = ()) -> tuple[str, ...]:
    """The words of an identifier, lower-case, singular, unabbreviated.

    `vocabulary` holds words that glued names of the same schema may be made of.
    """
    words: list[str] = []
    for piece in _PIECES.findall(name.replace("'", "")):
        for part in _unglue(piece.lower(), vocabulary):
            words.extend(ABBREVIATIONS.get(part, part).split())
    spoken = [word for word in words if len(word) > 1 or word.isdigit()] or words
    return tuple(lemma(word) for word in spoken)


def _unglue(word: str, vocabulary: Collection[str]) -> list[str]:
    """Split "customerid" into "customer", "id"; words that are whole stay whole."""
    if len(word) < 3 or word in ABBREVIATIONS or word in vocabulary or lemma(word) in vocabulary:
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


def _may_stand_before(start: str, end: str, vocabulary: Collection[str]) -> bool:
    """Whether what is left of an ending reads as a word of its own ("paid" is not "pa", "id")."""
    if start in vocabulary or start in ABBREVIATIONS:
        return True
    if end in ("id", "name"):
        return start + end not in (
            "paid",
            "void",
            "valid",
            "grid",
            "acid",
            "bid",
            "kid",
            "rapid",
            "covid",
            "rename",
            "said",
        )
    return False


def _cover(word: str, vocabulary: Collection[str]) -> list[str]:
    """Two vocabulary words that make up the whole word, or nothing."""
    for cut in range(3, len(word) - 2):
        if word[:cut] in vocabulary and word[cut:] in vocabulary:
            return [word[:cut], word[cut:]]
    return []
