"""Recognises a correction ("no, I meant shipped") and what is to hold instead."""

import re

_OPENING = re.compile(
    r"^(?:(?:no|nope|sorry|oh|oops|actually|wait|well|hm+|rather)\b[\s,.!;:-]*)*"
    r"(?:i (?:meant|mean|wanted|want|was asking (?:for|about)|was thinking of|am asking (?:for|about))"
    r"|(?:that|it) should (?:be|have been)|make (?:that|it)|not (?:that|this)(?: one)?,?|i said|rather|correction:?)\s+"
    r"(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"^(?P<rest>\S.{0,60}?)(?:,)? (?:instead of|rather than|and not|not) \S.{0,60}$", re.IGNORECASE)
_NO = re.compile(r"^(?:no|nope|sorry|oops|actually|wait)\b[\s,.!;:-]+(?P<rest>\S.*)$", re.IGNORECASE)


def corrected(question: str) -> str | None:
    """What is to hold instead of what was understood; None where this is no correction."""
    text = question.strip().rstrip("?.!")
    for pattern in (_OPENING, _NO):
        if found := pattern.match(text):
            rest = found["rest"].strip()
            shorter = _INSTEAD.match(rest)
            return shorter["rest"].strip() if shorter else rest
    return None
