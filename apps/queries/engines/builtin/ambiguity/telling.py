"""Whether another word of a question tells which meaning a vague one has: "when does it start?", "who owns it?"."""

from apps.knowledge.catalog import ColumnEntry
from apps.queries.engines.builtin.spoken.words import stem

from .heard import Heard, Noun
from .phrases import Phrase
from .values import places_of
from .wordlists import AGENT_ENDINGS, TAILS

HINTED = 0.45  # the least quality of a link that tells anything
_MAKERS = ("", "r", "er", "or", "ist")


def told(phrase: Phrase, meant: Noun) -> float:
    """How surely the words around a phrase speak of one of its meanings, from 0 to 1."""
    heard, deeds = phrase.heard, _deeds(phrase)
    words = _words(heard, meant)
    stems = {stem(word) for word in words if word not in TAILS}
    makers = {f"{deed}{ending}" for deed in deeds for ending in _MAKERS}
    if not stems.isdisjoint(deeds) or not makers.isdisjoint(words):
        return 1.0
    in_tables = places_of(noun for noun in heard.nouns if noun.table)
    links = heard.analysis.column_links.get(meant.columns[0], ()) if meant.columns else ()
    outside = [one for one in links if phrase.is_beside(one.start, one.end) and one.start not in in_tables]
    return max((one.quality for one in outside), default=0.0)


def is_of_another_deed(heard: Heard, entry: ColumnEntry) -> bool:
    """Whether a column is called after another deed than the one told: a holder does not issue cards."""
    head = entry.words[-1] if entry.words[-1] not in TAILS else entry.words[-2:][0]
    return head.endswith(AGENT_ENDINGS) and any(heard.word(place).endswith("ed") for place in range(1, heard.end))


def _words(heard: Heard, meant: Noun) -> tuple[str, ...]:
    return heard.catalog.tables[meant.tables[0]].words if meant.tables else heard.catalog.columns[meant.columns[0]].core


def _deeds(phrase: Phrase) -> set[str]:
    """The stems of all other words that are no names and no values."""
    heard = phrase.heard
    taken = places_of(heard.nouns) | places_of(heard.values) | set(range(phrase.start, phrase.end))
    words = (heard.word(place) for place in range(heard.end) if place not in taken)
    return {stem(word) for word in words if len(word) > 2}
