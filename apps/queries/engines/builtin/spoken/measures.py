"""Quantities that people ask for by a word that only a comment explains, such as revenue."""

import re

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.knowledge.lexicon import default_lexicon
from apps.knowledge.names import lemma

_CLAUSE = re.compile(r"[:;,.]")
_WORD = re.compile(r"[\w'-]+")


def is_measure(entry: ColumnEntry) -> bool:
    """Numbers that one may add up: no keys."""
    return entry.kind is Kind.NUMBER and not (entry.is_primary or entry.is_foreign or entry.is_id)


def named_in_comments(catalog: Catalog, word: str) -> list[tuple[ColumnEntry, str]]:
    """Measures whose comment says the word or a synonym before its colon, with the other words said there."""
    synonyms = {word, *(other for other in default_lexicon().synonyms.get(word, ()) if " " not in other)}
    found = []
    for entry in catalog.columns.values():
        clause, colon, _ = entry.column.comment.partition(":")
        if not (is_measure(entry) and colon) or _CLAUSE.search(clause):
            continue
        said = _WORD.findall(clause)
        rest = [one for one in said if lemma(one.lower()) not in synonyms]
        if len(rest) < len(said):
            found.append((entry, " ".join(rest).capitalize() or clause.capitalize()))
    return found
