"""Whether a text of a model gives our own rules away, as they stand or encoded. No Django here."""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache

from apps.queries.prompts import prompt, versions

WORDS_IN_A_ROW = 8  # so many of the rules' words one after another are no chance
WORD = re.compile(r"\w+")
ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{48,}")  # no word of any language is so long


def repeats_rules(text: str) -> bool:
    """Does it hold a stretch of any prompt's rules, also in base64?"""
    return any(not _rules().isdisjoint(_stretches(one)) for one in (text, *_decoded(text)))


@cache
def _rules() -> frozenset[tuple[str, ...]]:
    return frozenset(one for name in versions() for one in _stretches(prompt(name).text))


def _stretches(text: str) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text.casefold())
    return (tuple(words[at : at + WORDS_IN_A_ROW]) for at in range(len(words) - WORDS_IN_A_ROW + 1))


def _decoded(text: str) -> Iterator[str]:
    for token in ENCODED.findall(text):
        try:
            yield base64.b64decode(token[: len(token) // 4 * 4], altchars=b"-_").decode("utf-8", "ignore")
        except binascii.Error:
            continue
