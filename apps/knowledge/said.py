"""Every word that a name could contain to be meant by some stretch of a question, with where and how surely."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .lexicon import Lexicon
from .names import ABBREVIATIONS, STOP_WORDS, glued_parts, lemma, root, word_set
from .table_index import TableIndex
from .tokens import Token, TokenKind

EXACT, ABBREVIATED, ROOT, SHORTENED, TYPO, SYNONYM, HINT = 1.0, 0.95, 0.85, 0.8, 0.75, 0.7, 0.45
LONGEST_WORD = 40
_COUNTS = ("number", "count", "amount")
_WORDS_TOO = word_set(
    "no long cat pop st lot pub res sal co mo char rel pos temp spec mid add off rest pay op fin sub mar may"
    " sun sat mon del mod ins lic prog cap cal fax hand sex per ref reg rec fac dev sig sym sys con"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens `start` to `end` (exclusive) mean a word as surely as `weight` says, between 0 and 1."""

    start: int
    end: int
    weight: float


Said = dict[str, list[Hit]]  # a word, or "~" and a root, which meets only roots


def said_words(tokens: Sequence[Token], lexicon: Lexicon, index: TableIndex) -> Said:
    """The words that the tokens say or mean, in names of that index."""
    said: Said = defaultdict(list)
    words = [_plain(token) for token in tokens]
    for start, word in enumerate(words):
        if not word:
            continue
        for length in range(1, lexicon.longest + 1):
            stretch = words[start : start + length]
            if len(stretch) < length or not stretch[-1]:
                break
            if not _is_count(words, start, length):
                for meant, weight in _meanings(" ".join(stretch), lexicon):
                    said[meant].append(Hit(start, start + length, weight))
        if word not in STOP_WORDS:
            for meant, weight in _as_said(word, lexicon, index):
                said[meant].append(Hit(start, start + 1, weight))
            if glued := _glued_with_next(words, start, index):
                said[f"~{glued}"].append(Hit(start, start + 2, EXACT))
    return said


def _plain(token: Token) -> str:
    """The word of a token; nothing for numbers, punctuation and what is too long to be a word."""
    return token.lemma if token.kind is TokenKind.WORD and len(token.lemma) <= LONGEST_WORD else ""


def _is_count(words: Sequence[str], start: int, length: int) -> bool:
    """Whether a word only asks for a count ("number of ships"): then it stands for no other word."""
    if length > 1:
        return False
    return words[start] in ("total", "average") or (words[start] in _COUNTS and words[start + 1 : start + 2] == ["of"])


@lru_cache(maxsize=16_384)
def _meanings(phrase: str, lexicon_: Lexicon) -> tuple[tuple[str, float], ...]:
    found: list[tuple[str, float]] = []
    for others, weight in ((lexicon_.synonyms, SYNONYM), (lexicon_.hints, HINT)):
        for other in sorted(others.get(phrase, ())):
            found.extend((word, weight) for word in other.split())
    return tuple(found)


def _as_said(word: str, lexicon: Lexicon, index: TableIndex) -> Iterator[tuple[str, float]]:
    """The word itself: in parts, by its root, written out, unglued, or with its spelling corrected."""
    parts = [lemma(part) for part in word.replace("_", "-").split("-") if part]
    for part in dict.fromkeys([word, *parts, f"~{root(word)}"]):
        yield part, EXACT
    written_out = [] if word in _WORDS_TOO else ABBREVIATIONS.get(word, "").split()
    for part in written_out:
        yield part, ABBREVIATED
    for short in index.shortened(word):
        yield f"~{short}", SHORTENED
    if written_out or root(word) in index or word in lexicon.synonyms:
        return
    unglued = [part for part in _glued_parts(word, index) if part != "id"]  # "forename" is some name, "bid" is no id
    if unglued:
        for part in unglued:
            yield part, ABBREVIATED
    else:
        for known in index.near(word):
            yield f"~{known}", TYPO


def _glued_parts(word: str, index: TableIndex) -> list[str]:
    parts = glued_parts(word, index.vocabulary) if word.isalpha() else []
    return [part for part in parts if root(part) in index]


def _glued_with_next(words: Sequence[str], start: int, index: TableIndex) -> str:
    """The root of a name's word that two words of the question make up together ("note book"), or nothing."""
    if start + 1 == len(words) or not words[start + 1] or words[start + 1] in STOP_WORDS:
        return ""
    glued = root(words[start] + words[start + 1])
    return glued if glued in index else ""
