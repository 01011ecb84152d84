"""Words that point back ("them", "which of those", "their"), and the same question with the noun in their place."""

import re
from collections.abc import Sequence

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.analysis import Analysis

_OBJECT = "them|those|these|they|it|ones|that one|this one|he|she|him|the same ones"
_POINTING = re.compile(
    rf"\b(?:of (?:them|those|these|which)|{_OBJECT}|their|theirs|its|his|her|that|this)\b", re.IGNORECASE
)
_OWN = re.compile(r"\b(?:their|its|his|her) (?P<rest>.+?)(?P<end>[?.!]*)$", re.IGNORECASE)
_CLOSING = frozenset(
    "who that which whose with from in to at for by on before after since above below over under".split()
)
_PEOPLE = r"(?:person|guy|woman|man|one|thing|row|record|item)s?"


def points_back(analysis: Analysis) -> bool:
    """Whether something that was answered before is meant; "their" after a noun of the sentence means that noun."""
    said = [token.text.lower() for token in analysis.tokens]
    first_table = min(
        (link.start for link in analysis.links if link.column is None and link.quality >= 0.9), default=99
    )
    for place, word in enumerate(said):
        if word in ("them", "those", "these") and not _is_closed(said, place):
            return True
        if word in ("they", "their", "theirs", "its", "his", "her", "it", "he", "she") and place < first_table:
            return True
        if word in ("that", "this") and _stands_for_something(analysis, said, place):
            return True
        if word == "each" and said[place - 1 : place] == ["of"] and not any(one.isalpha() for one in said[place + 1 :]):
            return True
        if word == "one" and said[place - 1 : place] == ["which"]:
            return True
        if word == "ones" and place and said[place - 1] in ("which", "the", "what") and first_table > place:
            return True
    return False


def _is_closed(said: Sequence[str], place: int) -> bool:
    """ "those who …", "those that …" say themselves who is meant, unless "of" leads to them."""
    after = said[place + 1] if place + 1 < len(said) else ""
    return after in _CLOSING and (place == 0 or said[place - 1] != "of")


def _stands_for_something(analysis: Analysis, said: Sequence[str], place: int) -> bool:
    """ "that" at the end or before the noun it points with, not one that opens a clause or tells a time."""
    after = said[place + 1] if place + 1 < len(said) else "?"
    before = said[place - 1] if place else ""
    if re.fullmatch(_PEOPLE, after) or after in "?.!":
        return True
    names_table = any(
        link.start == place + 1 and link.column is None and link.quality >= 0.9 for link in analysis.links
    )
    is_article = before in (
        "",
        "of",
        "for",
        "from",
        "in",
        "by",
        "did",
        "does",
        "is",
        "was",
        "has",
        "with",
        "about",
        "to",
    )
    return is_article and names_table


def with_noun(question: str, table: str, catalog: Catalog) -> str:
    """The question with the noun of the last answer where it points back."""
    noun = noun_of(table, catalog)
    text = question.strip()
    text = re.sub(r"^of (?:them|those|these)\b,?\s*(.*?)([?.!]*)$", r"\1 of them\2", text, flags=re.IGNORECASE)
    words = "|".join(re.escape(one) for one in _spellings(table, catalog))
    text = re.sub(rf"\b(?:those|these|that|this|the same) (?=(?:{words})\b)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(which|what|how many|list|show|any|all|most)(?: ones?)? of (?:them|those|these|which)\b",
                  rf"\1 {noun}", text, flags=re.IGNORECASE)  # fmt: skip
    singular = " ".join(catalog.tables[table].words)
    text = re.sub(
        r"\b(\w*(?:est|most \w+|least \w+)) (?:one )?(?:of|among) (?:them|those|these)\b", rf"\1 {singular}", text
    )
    text = re.sub(r"\bof each(?: one| of (?:them|those|these))?(?=[?.!]*$)", f"of {noun}", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(which|what) one\b", rf"\1 {singular}", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(?:the )?(\w+) ones?\b", rf"\1 {noun}", text, count=1, flags=re.IGNORECASE)
    text = re.sub(rf"\b(?:that|this|the) {_PEOPLE}\b", noun, text, flags=re.IGNORECASE)
    text = _OWN.sub(lambda found: f"the {found['rest']} of {noun}{found['end']}", text, count=1)
    text = re.sub(rf"\b(?:{_OBJECT})\b", noun, text, count=1, flags=re.IGNORECASE)
    return re.sub(r"\b(?:that|this)\b(?=[?.!]*$)", noun, text, flags=re.IGNORECASE)


def noun_of(table: str, catalog: Catalog) -> str:
    """A table's rows as people call them, in the plural."""
    said = " ".join(catalog.tables[table].words) or table
    if said.endswith("y") and said[-2:-1] not in "aeiou":
        return f"{said[:-1]}ies"
    return f"{said}es" if said.endswith(("s", "x", "ch", "sh")) else f"{said}s"


def _spellings(table: str, catalog: Catalog) -> set[str]:
    singular = " ".join(catalog.tables[table].words)
    return {noun_of(table, catalog), catalog.tables[table].table.name.replace("_", " ").lower(), singular}
