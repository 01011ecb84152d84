"""Words that say how to compare and order, by what they mean. Rare words of a meaning learn from common ones."""

from collections.abc import Iterable, Iterator

_MEANINGS = {
    "greater": "more over above greater higher older larger exceed exceeding after longer later since bigger taller "
    "heavier beyond "
    "least minimum exceeds following surpass start starting costlier faster",
    "less": "less under below fewer lower smaller younger before prior shorter cheaper earlier most maximum within up "
    "until by lighter "
    "slower",
    "not": "not no never n't without except other than didn't don't doesn't isn't aren't wasn't weren't cannot "
    "neither nor exclude "
    "excluding besides hasn't haven't did't dont doesnt",
    "inclusive": "least most equal or inclusive onwards onward up until minimum maximum",
    "like": "contain containing contains substring include including like letter letters start starts end ends begin "
    "begins prefix "
    "word string character characters has have",
    "descending": "most highest largest greatest biggest maximum max top longest oldest latest descending decreasing "
    "desc best tallest "
    "heaviest newest highest-ranking expensive popular common recent last reverse frequent richest fastest",
    "ascending": "least lowest smallest fewest minimum min bottom shortest youngest earliest ascending increasing asc "
    "worst lightest "
    "first alphabetical alphabetically lexicographic cheapest slowest rare",
    "average": "average mean avg",
    "sum": "total sum combined overall altogether",
    "maximum": "maximum max highest largest greatest biggest longest oldest",
    "minimum": "minimum min lowest smallest least shortest youngest",
    "order": "order ordered sort sorted rank ranked list listed",
    "count": "many number count",
    "different": "different distinct unique",
    "group": "each every per respective corresponding by group",
    "both": "both also as",
}
_BY_WORD: dict[str, list[str]] = {}
for _meaning, _words in _MEANINGS.items():
    for _word in _words.split():
        _BY_WORD.setdefault(_word, []).append(_meaning)


def meanings(mark: str) -> list[str]:
    """What a word means for comparing and ordering; nothing for most words."""
    return _BY_WORD.get(mark, [])


def cue_features(marks: Iterable[str], prefix: str) -> Iterator[str]:
    """Each meaning near a place, with how near its first word is."""
    seen: set[str] = set()
    for step, mark in enumerate(marks, start=1):
        for meaning in meanings(mark):
            if meaning not in seen:
                seen.add(meaning)
                yield f"{prefix}~{meaning}"
                yield f"{prefix}~{meaning}@{min(step, 4)}"
