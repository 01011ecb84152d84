"""General words and the names that they may stand for, read from the file beside this module."""

from functools import lru_cache
from pathlib import Path

from apps.knowledge.names import lemma

FILE = Path(__file__).with_name("hypernyms.txt")


@lru_cache(maxsize=1)
def hypernyms() -> dict[str, frozenset[str]]:
    """For each general phrase, lemmatized, the words of names that it may stand for."""
    return parse_hypernyms(FILE.read_text(encoding="utf-8"))


def parse_hypernyms(text: str) -> dict[str, frozenset[str]]:
    """Read the format that the head of `hypernyms.txt` describes; a line may take from any line before it."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        general, _, names = line.partition(":")
        meant: set[str] = set()
        for name in _phrases(names):
            meant |= found[name[1:]] if name.startswith("@") else {name}
        for phrase in _phrases(general):
            found.setdefault(phrase, set()).update(meant)
    return {phrase: frozenset(meant) for phrase, meant in found.items()}


def _phrases(text: str) -> list[str]:
    return [" ".join(lemma(word) for word in phrase.split()) for phrase in text.split(",") if phrase.strip()]
