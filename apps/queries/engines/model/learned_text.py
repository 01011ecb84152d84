"""What people taught Parley as text for a prompt: the organization's words, verified questions, earlier choices."""

from collections.abc import Iterable, Sequence

from apps.clarification.readings import KnownRule
from apps.knowledge.glossary import Term, said_terms
from apps.knowledge.likeness import Example
from apps.knowledge.tokens import tokenize
from apps.llm.tokens import bounded_tokens
from apps.queries.context import Context
from apps.queries.prompts.quoting import quoted

GLOSSARY_SHARE, EXAMPLES_SHARE, CHOICES_SHARE = 8, 4, 16  # of the room that is left for all that is told: an eighth …
LONGEST_EXAMPLE = 2_000


def glossary_text(context: Context, *, room: int) -> str:
    """The terms, those that the question says first, as many as fit."""
    said = [term for _, _, term in said_terms(tokenize(context.question), context.glossary)]
    return _fitting(map(_term_line, dict.fromkeys([*said, *context.glossary])), room // GLOSSARY_SHARE)


def examples_text(examples: Sequence[Example], *, room: int) -> str:
    """Verified questions with their SQL, the most alike first, each whole or not at all."""
    whole = [one for one in examples if max(len(one.question), len(one.sql)) <= LONGEST_EXAMPLE]
    pairs = ((quoted(one.question, longest=LONGEST_EXAMPLE), quoted(one.sql, longest=LONGEST_EXAMPLE)) for one in whole)
    return _fitting((f"asked: {question} verified SQL: {sql}" for question, sql in pairs), room // EXAMPLES_SHARE)


def choices_text(question: str, rules: Sequence[KnownRule], *, room: int) -> str:
    """Points at which somebody chose before, where the question says their words, named as readings shall name them."""
    said = f" {' '.join(question.casefold().split())} "
    lines = (
        f"field {one.field.value}, phrase {quoted(one.phrase)}: label {quoted(one.label)}"
        for one in rules
        if one.phrase in said
    )
    return _fitting(lines, room // CHOICES_SHARE)


def _term_line(term: Term) -> str:
    name, *synonyms = (quoted(one) for one in term.phrases)
    also = f", also {', '.join(synonyms)}" if synonyms else ""
    place = ".".join(one for one in (term.table, term.column) if one)
    value = f" = {quoted(term.value)}" if term.value else ""
    means = f" means {quoted(place)}{value}" if place else ""
    says = f": {quoted(term.definition)}" if term.definition else ""
    return f"{name}{also}{means}{says}"


def _fitting(lines: Iterable[str], most_tokens: int) -> str:
    """The lines up to the first that does not fit."""
    kept: list[str] = []
    for line in lines:
        most_tokens -= bounded_tokens(line) + 1
        if most_tokens < 0:
            break
        kept.append(line)
    return "\n".join(kept) or "(none)"
