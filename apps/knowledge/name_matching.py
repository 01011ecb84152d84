"""How well stretches of a question fit one name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .names import root
from .said import ROOT, Hit, Said
from .tokens import Token

MIN_QUALITY = 0.28
MAX_GAP = 2
_LINKING_WORDS = frozenset(["of", "the", "a", "an", "in", "for", "and"])
_LEADING_HEADS = frozenset(("date", "time", "year"))
_HEADLESS_FACTOR = 0.55
_HEAD_BONUS = 0.3
_TAIL_FACTORS = {"code": 1.0, "name": 0.9, "description": 0.8, "type": 0.8}


@dataclass(frozen=True, slots=True)
class Link:
    """Tokens `start` to `end` (exclusive) may mean a table (`column` None) or one of its columns.

    `quality` lies between 0 and 1; `way` is the weakest kind of word match used; `covered` the share of the name said.
    """

    start: int
    end: int
    table: str
    column: str | None
    quality: float
    way: float
    covered: float


def links_of(
    said: Said, tokens: Sequence[Token], words: Sequence[str], core: Sequence[str], table: str, column: str | None
) -> Iterator[Link]:
    """One link for each stretch of the question that says enough of the name."""
    hits = [
        (hit, index, word)
        for index, word in enumerate(words)
        for hit in (*said.get(word, ()), *(_as_root(hit) for hit in said.get(f"~{root(word)}", ())))
    ]
    if not hits:
        return
    hits.sort(key=lambda one: (one[0].start, -one[0].weight, one[1]))
    for stretch in _stretches(hits, tokens):
        found = _judged(stretch, words, core)
        if found and found[0] >= MIN_QUALITY:
            quality, way, covered = found
            start = min(hit.start for hit, _, _ in stretch)
            yield Link(start, max(hit.end for hit, _, _ in stretch), table, column, quality, way, covered)


def _as_root(hit: Hit) -> Hit:
    return Hit(hit.start, hit.end, min(hit.weight, ROOT))


def _stretches(hits: list[tuple[Hit, int, str]], tokens: Sequence[Token]) -> Iterator[list[tuple[Hit, int, str]]]:
    """Group hits that stand together and say different words of the name."""
    current: list[tuple[Hit, int, str]] = []
    for hit in hits:
        if current and not _continues(current, hit, tokens):
            yield current
            current = []
        if not current or all(hit[1] != index for _, index, _ in current):
            current.append(hit)
    if current:
        yield current


def _continues(current: list[tuple[Hit, int, str]], hit: tuple[Hit, int, str], tokens: Sequence[Token]) -> bool:
    end = max(one.end for one, _, _ in current)
    if hit[0].start < end:
        return True
    if any(index == hit[1] for _, index, _ in current):
        return False
    between = tokens[end : hit[0].start]
    if len(between) == MAX_GAP and between[0].lemma in ("and", "or"):
        return True
    return len(between) <= MAX_GAP and all(token.lemma in _LINKING_WORDS for token in between)


def _judged(
    stretch: list[tuple[Hit, int, str]], words: Sequence[str], core: Sequence[str]
) -> tuple[float, float, float] | None:
    """(quality, weakest way, share covered) of a stretch for a name; words of the table's own name count little."""
    said = {index: hit.weight for hit, index, _ in stretch}
    weights = {index: _word_weight(word, core) for index, word in enumerate(words)}
    total = sum(weights.values())
    gained = sum(weights[index] * weight for index, weight in said.items())
    core_said = [index for index in said if words[index] in core]
    if not core_said:
        return None
    quality = gained / total
    head = _head(words, core)
    if head in said:
        quality += (1 - quality) * _HEAD_BONUS * said[head]
    else:
        quality *= _TAIL_FACTORS.get(words[head], _HEADLESS_FACTOR)
    covered = sum(weights[index] for index in said) / total
    return quality, min(said.values()), covered


def _head(words: Sequence[str], core: Sequence[str]) -> int:
    """The word that a name is about: the last one, but "date_order_placed" is a date."""
    places = [index for index, word in enumerate(words) if word in core]
    return places[0] if words[places[0]] in _LEADING_HEADS else places[-1]


def _word_weight(word: str, core: Sequence[str]) -> float:
    if word not in core:
        return 0.15
    if len(core) == 1:
        return 1.0
    return 0.4 if word in ("name", "code") else 0.6 if word in ("id", "number", "type", "date") else 1.0
