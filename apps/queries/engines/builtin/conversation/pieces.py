"""Tells a piece of a question from a whole one, and what of its words only leads over."""

import re

from apps.knowledge.tokens import TokenKind
from apps.queries.engines.builtin.analysis import Analysis
from apps.queries.engines.builtin.followup import is_elliptic
from apps.queries.engines.builtin.spans import SpanKind

SHORT = 4
LEAD = re.compile(
    r"^(?:(?:and|but|so|now|then|ok|okay|please|just|also|what about|how about|the same|same|show|give me|show me|only|"
    r"can you|instead|do it|for|with|of|the ones|those|ones)\b[\s,]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]*\b(?:instead|please|only|then|too|as well|ones?)\s*$", re.IGNORECASE)
NOT = re.compile(
    r"\b(?:without|excluding|except(?: for)?|not|no|leave out|ignore|exclude|minus)\s+(?:the\s+)?", re.IGNORECASE
)
BY = re.compile(r"\b(?:by|per|for each|in each|for every|grouped by|broken down by|split by|each)\s+", re.IGNORECASE)
NARROWING = re.compile(
    r"\b(?:only|without|except|excluding|not|just|also|and also|those|leave out|ignore|exclude)\b", re.IGNORECASE
)
PREPOSITIONS = frozenset(
    "in on at from for to by per since until before after during of with without over between".split()
)


def is_piece(analysis: Analysis, *, short: bool = False) -> bool:
    """Whether the words are a piece that wants a question around it.

    Where they are `short`, no word need say so: "delivered", "Germany".
    """
    words = [token for token in analysis.tokens if token.kind is not TokenKind.PUNCTUATION]
    if not words:
        return False
    asks_anew = words[0].lemma in ("what", "how", "which", "who") and [one.lemma for one in words[1:2]] != ["about"]
    if is_elliptic(analysis) and not asks_anew and not _is_whole(analysis):
        return True
    return not asks_anew and len(words) <= SHORT and (short or _is_bare(analysis)) and not _is_whole(analysis)


def _is_whole(analysis: Analysis) -> bool:
    """Whether a table is asked for by name before anything else is said ("show products by category")."""
    first = next((place for place, one in enumerate(analysis.tokens) if one.text.lower() in PREPOSITIONS), 99)
    return any(
        link.column is None and link.quality >= 0.95 and link.end <= first and link.start <= 2
        for link in analysis.links
    )


def _is_bare(analysis: Analysis) -> bool:
    """Whether nothing but values, numbers or days is said."""
    covered = {place for span in analysis.spans if span.matches or span.kind is not SpanKind.TEXT
               for place in range(span.start, span.end)}  # fmt: skip
    return all(place in covered or token.kind is TokenKind.PUNCTUATION for place, token in enumerate(analysis.tokens))


def rest_of(question: str) -> str:
    """The words without those that only lead over."""
    text = question.strip().rstrip("?.! ")
    return _TAIL.sub("", LEAD.sub("", text)).strip() or text
