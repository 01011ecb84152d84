"""What comments of tables and columns add to their names, as words."""

import re
from functools import lru_cache

from .names import STOP_WORDS, lemma

MOST_WORDS = 40
MOST_NAME_WORDS = 4
_WORD = re.compile(r"[^\W\d_]{2,40}")
_CLAUSE = re.compile(r"[:;,.(=]|\s-\s")


@lru_cache(maxsize=65_536)
def comment_words(comment: str) -> tuple[str, ...]:
    """The content words of a comment, as far as anybody reads."""
    words = (lemma(word.lower()) for word in _WORD.findall(comment[:600]))
    return tuple(dict.fromkeys(word for word in words if word not in STOP_WORDS))[:MOST_WORDS]


@lru_cache(maxsize=65_536)
def comment_name(comment: str) -> tuple[str, ...]:
    """The words before the first mark of a comment, if they are few enough to be another name."""
    words = comment_words(_CLAUSE.split(comment[:200], maxsplit=1)[0])
    return words if len(words) <= MOST_NAME_WORDS else ()
