"""Which tables hold the values that a question names."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .names import STOP_WORDS
from .table_index import TableIndex
from .tokens import Token, TokenKind
from .values import ValueIndex

LONGEST_PHRASE = 4
MOST_LOOKUPS = 60
MOST_MATCHES = 30


def tables_with_values(
    tokens: Sequence[Token], values: ValueIndex, index: TableIndex
) -> Iterator[tuple[int, int, float]]:
    """(table, place in the question, rarity) for every stored value that is said word for word."""
    taken: set[int] = set()
    for start, end, phrase in _phrases(tokens):
        if not taken.isdisjoint(range(start, end)):
            continue
        places: dict[str, float] = defaultdict(float)
        for match in values.find(phrase, limit=MOST_MATCHES, exact=True):
            places[match.table] = max(places[match.table], match.score)
        if places:
            taken.update(range(start, end))
        for table, score in places.items():
            number = index.find(table)
            if number is not None:
                yield number, start, score * index.rarity(len(places))


def _phrases(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Stretches that may be values, longest first: quoted ones, and words that are not all little words."""
    found = []
    for length in range(min(LONGEST_PHRASE, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            inside = tokens[start : start + length]
            if length == 1 and inside[0].kind is TokenKind.QUOTED:
                found.append((start, start + 1, inside[0].text))
            elif all(one.kind in (TokenKind.WORD, TokenKind.NUMBER) for one in inside) and _says_something(inside):
                found.append((start, start + length, " ".join(one.text for one in inside)))
    return sorted(found, key=lambda one: one[1] - one[0] == 1 and tokens[one[0]].kind is not TokenKind.QUOTED)[
        :MOST_LOOKUPS
    ]


def _says_something(inside: Sequence[Token]) -> bool:
    return any(one.kind is TokenKind.WORD and one.lemma not in STOP_WORDS for one in inside)
