"""Ranks the tables of a schema by what a question says, and finds the tables between them that only join."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .catalog import Catalog
from .lexicon import default_lexicon
from .name_matching import links_of
from .names import root
from .said import Hit, Said, said_words
from .table_index import Postings, TableIndex, holds
from .tokens import Token
from .values import ValueIndex
from .values_said import tables_with_values

MOST_CANDIDATES = 160
COMMON_SHARE = 0.1  # words that more tables say than this share open no candidates
FEWEST_COMMON = 200
LATER_SHARE = 0.25  # what a word still counts for a table if a table ranked higher explains it as well
MOST_JOINED = 5
VALUE_WEIGHT = 0.8

Weights = dict[int, dict[int, float]]  # table → place in the question → how much it says there


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One word that a place of the question may mean, and who says it."""

    weight: float
    rarity: float
    postings: Postings


def tables_for(
    question_tokens: Sequence[Token], catalog: Catalog, limit: int = 10, values: ValueIndex | None = None
) -> list[str]:
    """The tables that a question most likely needs, best first, with those that only join them."""
    said = said_words(question_tokens, default_lexicon(), catalog.index)
    return rank_tables(said, question_tokens, catalog, limit, values)


def rank_tables(
    said: Said, tokens: Sequence[Token], catalog: Catalog, limit: int, values: ValueIndex | None = None
) -> list[str]:
    """The tables that explain most of the said words, rare words and names said whole counting most."""
    index = catalog.index
    weights = _word_weights(said, index)
    if values is not None:
        for table, place, rarity in tables_with_values(tokens, values, index):
            weights[table][place] = max(weights[table].get(place, 0.0), VALUE_WEIGHT * rarity)
    totals = {table: sum(places.values()) for table, places in weights.items()}
    best = sorted(totals, key=lambda table: (-totals[table], table))[:MOST_CANDIDATES]
    judged = {table: _with_name(table, weights[table], said, tokens, catalog) for table in best}
    ranked = _covering(judged)
    return [index.names[table] for table in _with_bridges(ranked, judged, catalog)[:limit]]


def _word_weights(said: Said, index: TableIndex) -> Weights:
    """What each table says at each place of the question. Common words only add to tables that rarer ones found."""
    by_place: dict[int, list[_Meaning]] = defaultdict(list)
    for word, hits in said.items():
        postings = index.postings(word[1:] if word.startswith("~") else root(word))
        if postings:
            for start, weight in _best_by_place(hits).items():
                by_place[start].append(_Meaning(weight, index.rarity(_saying(postings)), postings))
    opening = max(FEWEST_COMMON, int(COMMON_SHARE * len(index)))
    weights: Weights = defaultdict(dict)
    rare = [(place, one) for place, found in by_place.items() for one in found if _saying(one.postings) <= opening]
    common = [(place, one) for place, found in by_place.items() for one in found if _saying(one.postings) > opening]
    if not rare and common:
        rare = [min(common, key=lambda one: _saying(one[1].postings))]
    for place, meaning in rare:
        for numbers, share in meaning.postings.fields():
            _add(weights, numbers, place, meaning.weight * meaning.rarity * share)
    for place, meaning in common:
        for table in weights:
            share = next((share for numbers, share in meaning.postings.fields() if holds(numbers, table)), 0.0)
            if share:
                _add(weights, (table,), place, meaning.weight * meaning.rarity * share)
    return weights


def _saying(postings: Postings) -> int:
    return len(postings.named) + len(postings.columns)


def _add(weights: Weights, tables: Iterable[int], place: int, weight: float) -> None:
    for table in tables:
        places = weights[table]
        if weight > places.get(place, 0.0):
            places[place] = weight


def _best_by_place(hits: Sequence[Hit]) -> dict[int, float]:
    best: dict[int, float] = {}
    for hit in hits:
        best[hit.start] = max(best.get(hit.start, 0.0), hit.weight)
    return best


def _with_name(
    table: int, places: Mapping[int, float], said: Said, tokens: Sequence[Token], catalog: Catalog
) -> dict[int, float]:
    """The same weights, greater where the words stand together as the table's name."""
    weights = dict(places)
    name = catalog.index.names[table]
    words = catalog.table_words(name)
    for link in links_of(said, tokens, words, words, name, None):
        for place in range(link.start, link.end):
            if place in weights:
                weights[place] *= 1 + link.quality**2
    return weights


def _covering(judged: Mapping[int, Mapping[int, float]]) -> list[int]:
    """Tables in the order in which each explains most of what those before it leave unexplained."""
    explained: dict[int, float] = {}
    left, ranked = dict(judged), []
    while left:
        gains = {table: _gain(places, explained) for table, places in left.items()}
        best = min(gains, key=lambda table: (-gains[table], table))
        ranked.append(best)
        for place, weight in left.pop(best).items():
            explained[place] = max(explained.get(place, 0.0), weight)
        if len(ranked) == MOST_JOINED:
            rest = {table: _gain(places, explained) for table, places in left.items()}
            return ranked + sorted(rest, key=lambda table: (-rest[table], table))
    return ranked


def _gain(places: Mapping[int, float], explained: Mapping[int, float]) -> float:
    gain = 0.0
    for place, weight in places.items():
        known = explained.get(place, 0.0)
        gain += LATER_SHARE * weight if weight <= known else weight - (1 - LATER_SHARE) * known
    return gain


def _with_bridges(ranked: list[int], judged: Mapping[int, Mapping[int, float]], catalog: Catalog) -> list[int]:
    """The same order, with tables that join two of the best put in behind these."""
    return ranked
