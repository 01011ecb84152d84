"""Which words people use for one another: a lexicon of our own, for names of tables and columns."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .word_forms import lemma

LEXICON_FILE = Path(__file__).with_name("lexicon.txt")


@dataclass(frozen=True, eq=False)
class Lexicon:
    """`synonyms` maps a lemmatized phrase to phrases that mean the same, `hints` to phrases it only points at."""

    synonyms: Mapping[str, frozenset[str]]
    hints: Mapping[str, frozenset[str]]
    longest: int

    def related(self, phrase: str) -> frozenset[str]:
        """Phrases that may stand in a name where a person says `phrase`."""
        return self.synonyms.get(phrase, frozenset()) | self.hints.get(phrase, frozenset())


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon of the file beside this module."""
    return parse_lexicon(LEXICON_FILE.read_text(encoding="utf-8"))


def parse_lexicon(text: str) -> Lexicon:
    """Read the format that the head of `lexicon.txt` describes."""
    synonyms: dict[str, set[str]] = defaultdict(set)
    hints: dict[str, set[str]] = defaultdict(set)
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        said, _, pointed_at = line.partition(">")
        members = _phrases(said)
        for member in members:
            if pointed_at:
                hints[member].update(_phrases(pointed_at))
            else:
                synonyms[member].update(other for other in members if other != member)
    longest = max((len(phrase.split()) for phrase in [*synonyms, *hints]), default=1)
    return Lexicon(
        {phrase: frozenset(others) for phrase, others in synonyms.items()},
        {phrase: frozenset(others) for phrase, others in hints.items()},
        longest,
    )


def _phrases(text: str) -> list[str]:
    return [" ".join(lemma(word) for word in phrase.split()) for phrase in text.split(",") if phrase.strip()]
