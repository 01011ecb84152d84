"""Links stretches of a question to the tables and columns that they may mean."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from rapidfuzz import fuzz, process

from .catalog import Catalog, ColumnEntry
from .lexicon import Lexicon, default_lexicon
from .names import ABBREVIATIONS, STOP_WORDS, lemma, root, word_set
from .tokens import Token, TokenKind

EXACT, ABBREVIATED, ROOT, SYNONYM, TYPO, HINT = 1.0, 0.95, 0.85, 0.7, 0.75, 0.45
MIN_QUALITY = 0.28
MAX_GAP = 2
TYPO_CUTOFF = 86
MIN_TYPO_LENGTH = 5
_WORDS_TOO = word_set(
    "no long cat pop st lot pub res sal co mo char rel pos temp spec mid add off rest pay op fin sub mar may sun sat mon"
    " del mod ins lic prog cap cal fax hand sex per ref reg rec fac dev sig sym sys con"
)
_LINKING_WORDS = frozenset(["of", "the", "a", "an", "in", "for", "and"])
_LEADING_HEADS = frozenset(("date", "time", "year"))
_HEADLESS_FACTOR = 0.55
_HEAD_BONUS = 0.3
_COUNTS = ("number", "count", "amount")
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


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    weight: float


def link(
    tokens: Sequence[Token], catalog: Catalog, lexicon: Lexicon | None = None, *, max_tables: int = 24
) -> list[Link]:
    """All links worth considering, in the order of the question, best first at one place."""
    said = _said_words(tokens, lexicon or default_lexicon(), catalog)
    names = catalog.tables if len(catalog.tables) <= max_tables else rank_tables(said, catalog, max_tables)
    links: list[Link] = []
    for name in names:
        entry = catalog.tables[name]
        links.extend(_links_of(said, tokens, entry.words, entry.words, name, None))
        for column in entry.columns:
            links.extend(_column_links(said, tokens, column))
    links = [one for one in links if not _only_counts(one, tokens)]
    return sorted(links, key=lambda one: (one.start, -one.quality, -one.end, one.table, one.column or ""))


def _only_counts(link: Link, tokens: Sequence[Token]) -> bool:
    """Whether a link rests on "number" in "number of ships" alone: that asks for a count, not for a column so named."""
    following = tokens[link.end].lemma if link.end < len(tokens) else ""
    return link.end - link.start == 1 and tokens[link.start].lemma in ("number", "count") and following == "of"


Said = dict[str, list[_Hit]]


def rank_tables(said: Said, catalog: Catalog, limit: int) -> list[str]:
    """The tables that most of the said words point at, rare words counting most."""
    scores: dict[str, float] = defaultdict(float)
    total = len(catalog.tables)
    best: dict[tuple[int, str], float] = {}
    for word, hits in said.items():
        tables = catalog.tables_by_word.get(word[1:] if word.startswith("~") else root(word), {})
        if not tables or (len(tables) > 200 and len(tables) > total // 3):
            continue
        rarity = log(1 + total / len(tables))
        hit = max(hits, key=lambda one: one.weight)
        for table, share in tables.items():
            place = (hit.start, table)
            best[place] = max(best.get(place, 0.0), rarity * share * hit.weight)
    for (_, table), score in best.items():
        scores[table] += score
    ranked = sorted(scores, key=lambda name: (-scores[name], len(catalog.tables[name].words), name))
    return ranked[:limit]


def tables_for(question_tokens: Sequence[Token], catalog: Catalog, limit: int = 10) -> list[str]:
    """The tables that a question most likely needs, best first: prunes a schema for prompts."""
    return rank_tables(_said_words(question_tokens, default_lexicon(), catalog), catalog, limit)


def _said_words(tokens: Sequence[Token], lexicon: Lexicon, catalog: Catalog) -> Said:
    """Every word that a name could contain to be meant by some stretch of the question, with where and how surely."""
    said: Said = defaultdict(list)
    words = [token.lemma if token.kind is TokenKind.WORD else "" for token in tokens]
    for start, word in enumerate(words):
        if not word:
            continue
        for length in range(1, lexicon.longest + 1):
            phrase = " ".join(words[start : start + length])
            if len(phrase.split()) < length:
                break
            if not _is_count(words, start, length):
                for meant, weight in _meanings(phrase, lexicon):
                    said[meant].append(_Hit(start, start + length, weight))
        if word not in STOP_WORDS:
            for part in _parts(word):
                said[part].append(_Hit(start, start + 1, EXACT))
            for part in _written_out(word):
                said[part].append(_Hit(start, start + 1, ABBREVIATED))
            if corrected := _corrected(word, catalog):
                said[corrected].append(_Hit(start, start + 1, TYPO))
    return said


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


def _parts(word: str) -> tuple[str, ...]:
    """A hyphenated word is also its parts; any word is also its root, marked so that roots meet only roots."""
    parts = [lemma(part) for part in word.replace("_", "-").split("-") if part]
    return tuple(dict.fromkeys([word, *parts, f"~{root(word)}"]))


def _written_out(word: str) -> list[str]:
    """The words that an abbreviation stands for in names ("qty"), unless it is a word of its own ("no", "long")."""
    return [] if word in _WORDS_TOO else ABBREVIATIONS.get(word, "").split()


def _corrected(word: str, catalog: Catalog) -> str | None:
    """The schema's word that this one misspells, if it is no word of the schema or of the lexicon itself."""
    if len(word) < MIN_TYPO_LENGTH or root(word) in catalog.tables_by_word or word in default_lexicon().synonyms:
        return None
    vocabulary = [known for known in catalog.tables_by_word if len(known) >= MIN_TYPO_LENGTH - 1]
    hit = process.extractOne(root(word), vocabulary, scorer=fuzz.ratio, score_cutoff=TYPO_CUTOFF)
    return f"~{hit[0]}" if hit else None


def _column_links(said: Said, tokens: Sequence[Token], column: ColumnEntry) -> Iterator[Link]:
    yield from _links_of(said, tokens, column.words, column.core, column.table, column.name)


def _links_of(
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


def _as_root(hit: _Hit) -> _Hit:
    return _Hit(hit.start, hit.end, min(hit.weight, ROOT))


def _stretches(hits: list[tuple[_Hit, int, str]], tokens: Sequence[Token]) -> Iterator[list[tuple[_Hit, int, str]]]:
    """Group hits that stand together and say different words of the name."""
    current: list[tuple[_Hit, int, str]] = []
    for hit in hits:
        if current and not _continues(current, hit, tokens):
            yield current
            current = []
        if not current or all(hit[1] != index for _, index, _ in current):
            current.append(hit)
    if current:
        yield current


def _continues(current: list[tuple[_Hit, int, str]], hit: tuple[_Hit, int, str], tokens: Sequence[Token]) -> bool:
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
    stretch: list[tuple[_Hit, int, str]], words: Sequence[str], core: Sequence[str]
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
