"""A question as a list of words, numbers and quoted pieces, each knowing where it stood."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .names import lemma

# People paste curly quotation marks.
# ruff: noqa: RUF001
_TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"]+"|“[^”]+”|‘[^’]+’|`[^`]+`|(?<!\w)'[^']+'(?!\w))
  | (?P<date>\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?)
  | (?P<number>(?<![\w.])[$€£]?-?\d+(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.])[$€£]?-?\d*\.?\d+(?:[kKmM%])?(?![\w-]))
  | (?P<word>[^\W_]+(?:[-'’._@&/+]+[^\W_]+)*[+#]*|%)
  | (?P<punctuation>[,;:?!.()<>=]+)
    """,
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['’]s?$")
LONGEST_NUMBER, LONGEST_TOKEN = 40, 400
_SCALES = {"k": 1_000, "m": 1_000_000}
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
    "thousand": 1000,
    "million": 1_000_000,
    "twice": 2,
    "once": 1,
}


class TokenKind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    DATE = "date"
    QUOTED = "quoted"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written (without quotes), `lemma` its lower-case singular, `start` its place in the question."""

    text: str
    lemma: str
    kind: TokenKind
    start: int
    number: float | None = None

    @property
    def is_capitalized(self) -> bool:
        return self.text[:1].isupper()


def tokenize(question: str) -> tuple[Token, ...]:
    """Split a question; spelled-out numbers get a number too but stay words. No token is longer than any value."""
    return tuple(_token(match) for match in _TOKEN.finditer(question))


def _token(match: re.Match[str]) -> Token:
    kind = TokenKind(match.lastgroup or "word")
    text = match.group()[:LONGEST_TOKEN]
    if kind is TokenKind.QUOTED:
        text = match.group()[1:-1].strip()[:LONGEST_TOKEN] or text
        return Token(text, text.lower(), kind, match.start())
    if kind is TokenKind.NUMBER:
        return Token(text, text, kind, match.start(), _number(text))
    if kind is TokenKind.WORD:
        word = _POSSESSIVE.sub("", text.lower()) or text.lower()
        return Token(text, lemma(word), kind, match.start(), _NUMBER_WORDS.get(word))
    return Token(text, text, kind, match.start())


def _number(text: str) -> float | None:
    """The number that digits with signs of money, share or scale say; None where no one means so many digits."""
    if len(text) > LONGEST_NUMBER:
        return None
    bare = text.strip("$€£%").replace(",", "").lower()
    scale = _SCALES.get(bare[-1:], 1)
    return float(bare.rstrip("km")) * scale
