"""A question's words, and which of them have been accounted for so far."""

from collections.abc import Collection, Sequence

from apps.knowledge.names import STOP_WORDS, root
from apps.knowledge.tokens import Token, TokenKind

FILLERS = frozenset(
    [
        "there",
        "still",
        "so",
        "far",
        "altogether",
        "ever",
        "yet",
        "currently",
        "now",
        "please",
        "only",
        "just",
        "s",
        "could",
        "can",
        "would",
        "will",
        "being",
        "own",
        "get",
        "about",
        "am",
        "i'm",
        "i've",
        "we've",
    ]
)


_TELLING = frozenset(
    ["or", "either", "both", "neither", "than", "then", "any", "into", "many", "much", "each", "every"]
)
"""Small words that change what is asked, unless a rule has taken them."""


class Words:
    """Tokens with a mark on each that some rule has taken."""

    def __init__(self, tokens: Sequence[Token], taken: Collection[int] = ()) -> None:
        self.tokens = tuple(tokens)
        self._taken = set(taken)

    def __len__(self) -> int:
        return len(self.tokens)

    def copy(self) -> "Words":
        return Words(self.tokens, self._taken)

    def lemma(self, index: int) -> str:
        """The lemma at a place, empty outside the question."""
        return self.tokens[index].lemma if 0 <= index < len(self.tokens) else ""

    def lower(self, index: int) -> str:
        return self.tokens[index].text.lower() if 0 <= index < len(self.tokens) else ""

    def number(self, index: int) -> float | None:
        return self.tokens[index].number if 0 <= index < len(self.tokens) else None

    def places_by_lemma(self) -> dict[str, list[int]]:
        """Where each lemma stands."""
        places: dict[str, list[int]] = {}
        for place, token in enumerate(self.tokens):
            places.setdefault(token.lemma, []).append(place)
        return places

    def says(self, index: int, *lemmas: str) -> bool:
        """Whether these words stand here in this order."""
        return all(self.lower(index + offset) == one for offset, one in enumerate(lemmas))

    def text(self, start: int, end: int) -> str:
        """The person's own words; commas stand close."""
        return " ".join(token.text for token in self.tokens[start:end]).replace(" ,", ",")

    def take(self, start: int, end: int) -> None:
        self._taken.update(range(start, end))

    def is_free(self, start: int, end: int | None = None) -> bool:
        return 0 <= start < len(self.tokens) and not any(
            index in self._taken for index in range(start, end or start + 1)
        )

    def take_any(self, *said: str) -> bool:
        """Take every place that says one of these words; whether there was one."""
        places = [place for place in range(len(self.tokens)) if self.lower(place) in said]
        self._taken.update(places)
        return bool(places)

    def unexplained(self) -> tuple[str, ...]:
        """Content words that no rule has taken."""
        return tuple(
            token.text for index, token in enumerate(self.tokens) if index not in self._taken and is_content(token)
        )


def is_content(token: Token) -> bool:
    """Whether leaving a word out would change what is asked."""
    if token.kind is TokenKind.PUNCTUATION:
        return any(sign in token.text for sign in "<>=")
    if token.lemma in _TELLING or (token.text.isupper() and len(token.text) > 1):
        return True
    return token.kind is not TokenKind.WORD or not (
        token.lemma in STOP_WORDS or token.text.lower() in STOP_WORDS | FILLERS
    )


UNIT_WORDS = {
    "euro": ("euro", "eur"),
    "eur": ("euro", "eur"),
    "dollar": ("dollar", "usd"),
    "usd": ("dollar", "usd"),
    "pound": ("pound", "gbp"),
    "kilogram": ("kilogram", "kg"),
    "kg": ("kilogram", "kg"),
    "percent": ("percent", "per cent"),
    "piece": ("piece",),
    "day": ("day",),
    "hour": ("hour",),
    "minute": ("minute",),
    "kilometre": ("km", "kilomet"),
    "mile": ("mile",),
}
"""Units of measure with what names and comments of columns write for them."""


def plain_number(number: float | None) -> int | float:
    """Whole numbers without their point."""
    number = number or 0.0
    return int(number) if number == int(number) else number


def is_unit(word: str) -> bool:
    return word in UNIT_WORDS


def stem(word: str) -> str:
    """The root of a word, which "ship" and "shipped" share too."""
    short = root(word)
    return short[:-1] if len(short) > 3 and short[-1] == short[-2] and short[-1] not in "aeiousl" else short
