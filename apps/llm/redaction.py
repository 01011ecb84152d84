"""Secrets out of texts before they are kept: by the forms that secrets have, and those of this installation by name.

No Django here.
"""

import re
from collections.abc import Iterable

SECRET = "[secret]"  # noqa: S105 - stands in the place of one
LEAST_SECRET = 6  # characters: shorter ones would take ordinary words with them
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{0,10000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        r"(?<=://)[^\s/:@'\"]{0,200}:[^\s/@'\"]{1,200}(?=@)",
        r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}",
        r"\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|hf|tvly)[-_][A-Za-z0-9_-]{10,}",
        r"\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        r"(?<=\bbearer )[A-Za-z0-9._~+/-]{12,}=*",
        r"\bgAAAAA[A-Za-z0-9_-]{60,}=*",
        r"(?:\b|_)(?:password|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|token|kennwort|passwort)"
        r"[\"']?\s{0,3}(?:=|:|\bis\b|\bist\b)\s{0,3}[\"']?(?!null\b|none\b|true\b|false\b)(?P<value>[^\s\"',;<>]{4,200})",
    )
)


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """The text without secrets; `known` are those that must not stand anywhere, whatever they look like."""
    for secret in sorted({one for one in known if len(one) >= LEAST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, SECRET)
    for pattern in _FORMS:
        text = pattern.sub(_replaced, text)
    return text


def _replaced(match: re.Match[str]) -> str:
    value = match.groupdict().get("value")
    return SECRET if value is None else match[0][: -len(value)] + SECRET
