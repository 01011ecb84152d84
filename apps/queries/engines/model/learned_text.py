"""What people taught Parley as entries for a prompt: the organization's words, verified questions, earlier choices."""

from functools import partial

from apps.clarification.readings import KnownRule
from apps.knowledge.glossary import Term, said_terms
from apps.knowledge.likeness import Example
from apps.knowledge.tokens import tokenize
from apps.llm.pseudonyms import Pseudonyms
from apps.queries.context import Context
from apps.queries.engines.model.budget import Entry, Forms
from apps.queries.engines.model.hidden_sql import hidden_sql
from apps.queries.engines.model.hiding import kind_of_value
from apps.queries.prompts.quoting import quoted

LONGEST_EXAMPLE = 2_000


def glossary_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """The terms, those that the question says first."""
    said = [term for _, _, term in said_terms(tokenize(context.question), context.glossary)]
    return [partial(_term_forms, term, context, names) for term in dict.fromkeys([*said, *context.glossary])]


def example_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """Verified questions with their SQL, the most alike first, each whole or not at all."""
    whole = [one for one in context.examples if max(len(one.question), len(one.sql)) <= LONGEST_EXAMPLE]
    return [partial(_example_forms, one, context, names) for one in whole]


def choice_entries(context: Context, names: Pseudonyms) -> list[Entry]:
    """Points at which somebody chose before, where the question says their words, named as readings shall name them."""
    said = f" {' '.join(context.question.casefold().split())} "
    return [partial(_choice_forms, one, names) for one in context.rules if one.phrase in said]


def _example_forms(example: Example, context: Context, names: Pseudonyms) -> Forms:
    said = f"{example.question} {context.question}"
    sql = hidden_sql(example.sql, names, schema=context.schema, privacy=context.privacy, said=said)
    question = quoted(names.hide_known(example.question), longest=2 * LONGEST_EXAMPLE)
    return (f"asked: {question} verified SQL: {quoted(sql, longest=2 * LONGEST_EXAMPLE)}",)


def _choice_forms(rule: KnownRule, names: Pseudonyms) -> Forms:
    phrase, label = (quoted(names.hide_known(text)) for text in (rule.phrase, rule.label))
    return (f"field {rule.field.value}, phrase {phrase}: label {label}",)


def _term_forms(term: Term, context: Context, names: Pseudonyms) -> Forms:
    name, *synonyms = (quoted(names.hide_known(one)) for one in term.phrases)
    also = f", also {', '.join(synonyms)}" if synonyms else ""
    place = ".".join(one for one in (term.table, term.column) if one)
    value = f" = {quoted(_value_of(term, context, names))}" if term.value else ""
    means = f" means {quoted(place)}{value}" if place else ""
    says = f": {quoted(names.hide_known(term.definition))}" if term.definition else ""
    return (f"{name}{also}{means}{says}",)


def _value_of(term: Term, context: Context, names: Pseudonyms) -> str:
    """The value that a term means, or its placeholder."""
    places = [(term.table, term.column)]
    kind = kind_of_value(places)
    if context.privacy.hides(kind):
        return names.hide(term.value, kind, places=places)
    return names.hide_forms(term.value)
