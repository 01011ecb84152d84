"""A value spelled otherwise than it is stored, where the last question held its column against another ("mollusks")."""

import re

from rapidfuzz import fuzz
from sqlglot import exp

from apps.queries.engines.builtin.analysis import Analysis

from .joining import conjuncts
from .pieces import rest_of
from .sources import Sources

LEAST_LIKE = 85.0  # of 100
LEAST_LETTERS = 5  # two shorter words are alike by chance
LONGEST_WORDS = 4
_ABOUT = re.compile(r"^(?:(?:and|so|now|ok) )*(?:what|how) about\b", re.IGNORECASE)


def respelled(analysis: Analysis, select: exp.Select) -> exp.Select | None:
    """The query with the one stored value of its condition's column that the words come near to."""
    said = re.sub(r"^(?:the|those|a|an)\s+", "", rest_of(analysis.context.question), flags=re.IGNORECASE)
    if not _ABOUT.match(analysis.context.question.strip()) or not said or len(said.split()) > LONGEST_WORDS:
        return None
    sources = Sources(select, analysis.catalog)
    held = [one for one in conjuncts(select) if isinstance(one, exp.EQ) and isinstance(one.this, exp.Column)]
    found = [(place, near) for place, one in enumerate(held) if (near := _near(said, one, sources, analysis))]
    if len(found) != 1 or any(span.matches for span in analysis.spans):
        return None
    place, value = found[0]
    changed = select.copy()
    old = next(one for one in conjuncts(changed) if one == held[place])
    old.set("expression", exp.Literal.string(value))
    return changed


def _near(said: str, condition: exp.EQ, sources: Sources, analysis: Analysis) -> str | None:
    """The only stored value of the condition's column that is spelled nearly so."""
    key, literal = sources.key_of(condition.this), condition.expression
    if key is None or not isinstance(literal, exp.Literal) or not literal.is_string:
        return None
    values = {
        match.value
        for form in _forms(said)
        for match in analysis.context.values.find(form, limit=12)
        if (match.table, match.column) == key and _is_alike(form, match.value)
    }
    return values.pop() if len(values) == 1 else None


def _forms(said: str) -> list[str]:
    """The words, and what they may be the plural of."""
    forms = [said, said[:-1] if said.endswith("s") else "", said[:-2] if said.endswith("es") else "",
             f"{said[:-3]}y" if said.endswith("ies") else "", f"{said}s"]  # fmt: skip
    return [one for one in forms if len(one) >= LEAST_LETTERS]


def _is_alike(form: str, value: str) -> bool:
    one, other = (re.sub(r"[\W_]+", "", text).casefold() for text in (form, value))
    return one == other or (min(len(one), len(other)) >= LEAST_LETTERS and fuzz.ratio(one, other) >= LEAST_LIKE)
