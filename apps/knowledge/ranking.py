"""Ranks the tables of a schema by what a question says, and finds the tables between them that only join."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from itertools import combinations
from typing import NamedTuple

from .catalog import Catalog
from .glossary import Term, said_terms
from .joins import JoinGraph
from .lexicon import default_lexicon
from .name_matching import links_of
from .names import root
from .said import Hit, Said, said_words
from .table_index import NAME, TableIndex, holds
from .tokens import Token
from .values import ValueIndex
from .values_said import tables_with_values

MOST_CANDIDATES = 120
COMMON_SHARE = 0.12  # words that more tables say than this share open no candidates
FEWEST_COMMON = 200
LATER_SHARE = 0.25  # what a word still counts for a table if a table ranked higher explains it as well
WHOLE_NAME_BONUS = 1.5  # how much more words count that stand together as the table's whole name
MOST_JOINED = 5
MOST_BRIDGES = 3
BRIDGED_SHARE = 0.35  # of the best table's weight, what a table needs to be worth joining
MOST_NEIGHBOURS = 60
VALUE_WEIGHT = 0.8
SMALL_SCHEMA, MOST_FOCUSED = 40, 24

Places = dict[int, float]  # place in the question → how much a table explains of it


def tables_for(
    question_tokens: Sequence[Token], catalog: Catalog, limit: int = 10, values: ValueIndex | None = None
) -> list[str]:
    """The tables that a question most likely needs, best first, with those that only join them."""
    said = said_words(question_tokens, default_lexicon(), catalog.index)
    return rank_tables(said, question_tokens, catalog, limit, values)


def prepare(catalog: Catalog) -> None:
    """Make what ranking needs, so that the first question does not wait for it."""
    _ = catalog.index, catalog.by_full_name, catalog.joins


def focused(
    tokens: Sequence[Token],
    catalog: Catalog,
    values: ValueIndex | None = None,
    earlier: Sequence[Token] = (),
    glossary: Sequence[Term] = (),
) -> Catalog:
    """The part of a large catalog that a question, and the one before it, can be about; a small one stays whole."""
    if len(catalog.schema.tables) <= SMALL_SCHEMA:
        return catalog
    meant = [term.table for _, _, term in said_terms(tokens, glossary) if term.table in catalog.by_full_name]
    names = list(dict.fromkeys([*meant, *tables_for(tokens, catalog, MOST_FOCUSED, values)]))[:MOST_FOCUSED]
    if earlier:
        before = tables_for(earlier, catalog, MOST_FOCUSED // 3, values)
        names = list(dict.fromkeys([*names[: MOST_FOCUSED // 2], *before, *names]))[:MOST_FOCUSED]
    return catalog.part(names)


def rank_tables(
    said: Said, tokens: Sequence[Token], catalog: Catalog, limit: int, values: ValueIndex | None = None
) -> list[str]:
    """The tables that explain most of the said words, rare words and names said whole counting most."""
    index = catalog.index
    rare, common = _meanings(said, index)
    if values is not None:
        for table, place, rarity in tables_with_values(tokens, values, index):
            rare[place].append(Meaning(VALUE_WEIGHT * rarity, (table,)))
    candidates = _candidates(rare, index)
    _add_common(candidates, common)
    for table, places in candidates.items():
        _weigh_name(index.names[table], places, said, tokens, catalog)
    ranked = _covering(candidates)
    return [index.names[table] for table in _with_bridges(ranked, candidates, catalog)[:limit]]


class Meaning(NamedTuple):
    """How much a word says, and the tables that say it; whether in their own names."""

    weight: float
    tables: Sequence[int]
    is_name: bool = False


Meanings = dict[int, list[Meaning]]  # by place in the question


def _meanings(said: Said, index: TableIndex) -> tuple[Meanings, Meanings]:
    """What each place of the question may mean: in rare words, which find tables, and in common ones."""
    opening = max(FEWEST_COMMON, int(COMMON_SHARE * len(index)))
    rare: Meanings = defaultdict(list)
    common: Meanings = defaultdict(list)
    for word, hits in said.items():
        postings = index.postings(word[1:] if word.startswith("~") else root(word))
        if postings is None:
            continue
        for start, weight in _best_by_place(hits).items():
            for tables, share, rarity in index.fields(postings):
                meaning = Meaning(weight * share * rarity, tables, share == NAME)
                (rare if len(tables) <= opening else common)[start].append(meaning)
    if not rare and common:  # nothing but common words
        rare = {place: [max(found, key=lambda one: one.weight)] for place, found in common.items()}
    return rare, common


def _best_by_place(hits: Sequence[Hit]) -> dict[int, float]:
    best: dict[int, float] = {}
    for hit in hits:
        best[hit.start] = max(best.get(hit.start, 0.0), hit.weight)
    return best


def _candidates(meanings: Meanings, index: TableIndex) -> dict[int, Places]:
    """The tables that rare words speak most for; most of all those whose whole name is said."""
    totals: dict[int, float] = defaultdict(float)
    named: Counter[int] = Counter()
    best_at: dict[int, dict[int, float]] = {}
    for place, found in meanings.items():
        best: dict[int, float] = {}
        for meaning in sorted(found, key=lambda one: one.weight):
            best.update(dict.fromkeys(meaning.tables, meaning.weight))
        best_at[place] = best
        for table, weight in best.items():
            totals[table] += weight
        named.update({table for meaning in found if meaning.is_name for table in meaning.tables})
    sizes = index.name_sizes
    ranks = {table: total * (1 + min(1.0, named[table] / sizes[table])) for table, total in totals.items()}
    chosen = nsmallest(MOST_CANDIDATES, ranks, key=lambda table: (-ranks[table], table))
    return {table: {place: best[table] for place, best in best_at.items() if table in best} for table in chosen}


def _add_common(candidates: dict[int, Places], common: Meanings) -> None:
    for place, found in common.items():
        for weight, tables, _ in found:
            for table, places in candidates.items():
                if weight > places.get(place, 0.0) and holds(tables, table):
                    places[place] = weight


def _weigh_name(name: str, places: Places, said: Said, tokens: Sequence[Token], catalog: Catalog) -> None:
    """Let words count more where they stand together as the table's name."""
    words = catalog.table_words(name)
    best: dict[int, float] = {}
    for link in links_of(said, tokens, words, words, name, None):
        for place in range(link.start, link.end):
            best[place] = max(best.get(place, 0.0), link.quality)
    for place, quality in best.items():
        if place in places:
            places[place] *= 1 + WHOLE_NAME_BONUS * quality**2


def _covering(candidates: Mapping[int, Places]) -> list[int]:
    """Tables in the order in which each explains most of what those before it leave unexplained."""
    explained: Places = {}
    left = dict(candidates)
    ranked: list[int] = []
    while left and len(ranked) < MOST_JOINED:
        best = min(left, key=lambda table: (-_gain(left[table], explained), table))
        ranked.append(best)
        for place, weight in left.pop(best).items():
            explained[place] = max(explained.get(place, 0.0), weight)
    return ranked + sorted(left, key=lambda table: (-_gain(left[table], explained), table))


def _gain(places: Places, explained: Places) -> float:
    gain = 0.0
    for place, weight in places.items():
        known = explained.get(place, 0.0)
        gain += LATER_SHARE * weight if weight <= known else weight - (1 - LATER_SHARE) * known
    return gain


def _with_bridges(ranked: list[int], candidates: Mapping[int, Places], catalog: Catalog) -> list[int]:
    """The same order, with tables that join two of the best put in behind these."""
    best = ranked[:MOST_JOINED]
    if len(best) < 2:
        return ranked
    least = BRIDGED_SHARE * sum(candidates[best[0]].values())
    names = [catalog.index.names[table] for table in best if sum(candidates[table].values()) >= least]
    found = bridges(names, catalog.joins)[:MOST_BRIDGES]
    numbers = [catalog.index.number(name) for name in found]
    return list(dict.fromkeys([*best, *numbers, *ranked]))


def bridges(names: Sequence[str], joins: JoinGraph) -> list[str]:
    """Tables that join two of these which nothing joins directly, for the earlier pairs first."""
    found: dict[str, None] = {}
    for one, other in combinations(names, 2):
        near, far = joins.neighbours(one), joins.neighbours(other)
        if other in near or not near or not far:
            continue
        common = near & far
        if common:
            found.update(dict.fromkeys(sorted(common - set(names))[:2]))
        elif len(near) <= MOST_NEIGHBOURS:
            ways = [(middle, last) for middle in sorted(near) for last in joins.neighbours(middle) & far]
            found.update(dict.fromkeys(name for way in sorted(ways)[:1] for name in way if name not in names))
    return list(found)
