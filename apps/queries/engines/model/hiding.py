"""What of one question's context a model is not told, by the data source's privacy level, and how that is hidden.

What counts as a value: a stretch of a text that spells a stored value of a text column, unless it tells nothing: its
words are all little words ("the", "show") or names in the schema, it is a number, or a single letter. The question's
misspelled and partly said values count too, where their words are not everyday ones. Under `schema` all of them are
hidden, under the other levels those of columns with personal data. No Django here.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from apps.common.identity import kept_by_identity
from apps.datasources.schema import Schema
from apps.knowledge.names import STOP_WORDS, common_words, lemma
from apps.knowledge.values import ValueMatch, value_key
from apps.llm.personal_data import Found, Hidden, kind_of_column
from apps.llm.pseudonyms import PLACEHOLDER, Pseudonyms, stretches
from apps.queries.context import Context
from apps.queries.engines.model.relevance import is_meant

LONGEST_INEXACT = 2
MOST_INEXACT = 120  # stretches of a question for which near spellings are looked up
MOST_MATCHES = 5
MOST_OTHERS = 4
PIECES = re.compile(r"_|(?<=[a-z0-9])(?=[A-Z])")


def pseudonyms_for(context: Context) -> Pseudonyms:
    """What hides this context's values from models: one for a query, handed to all agents that ask one.

    The question is hidden first, so that its values have the first numbers.
    """
    known = _words_of_names(context.schema)
    names = Pseudonyms(
        finders=(_finder(context, known),),
        taken=_taken_names(context.schema),
        is_plain=lambda words: _tells_nothing(words, known),
    )
    names.hide_known(context.question)
    return names


def without_values(context: Context, text: str) -> str:
    """One text as a model may be told it that nothing comes back from: its placeholders are numbered for it alone."""
    return pseudonyms_for(replace(context, question=text)).hide_known(text)


@kept_by_identity(maxsize=128)
def _taken_names(schema: Schema) -> frozenset[str]:
    """Names of tables and columns that look like placeholders."""
    names = (name for table in schema for name in (table.name, *(column.name for column in table.columns)))
    return frozenset(name.casefold() for name in names if PLACEHOLDER.fullmatch(name))


@kept_by_identity(maxsize=128)
def _words_of_names(schema: Schema) -> frozenset[str]:
    """The words of all names of tables and columns, in the singular, and the names themselves."""
    names = {name for table in schema for name in (table.name, *(column.name for column in table.columns))}
    return frozenset(lemma(word) for name in names for word in value_key(f"{PIECES.sub(' ', name)} {name}").split())


def _finder(context: Context, known: Collection[str]) -> Callable[[str], Iterable[Found]]:
    """Finds stored values in a text as the context's privacy level hides them."""

    def find(text: str) -> Iterator[Found]:
        inexact_left = MOST_INEXACT if text == context.question else 0
        for start, end, words in stretches(text):
            if _tells_nothing(words, known):
                continue
            matches = _matches(context, text[start:end], exact=True)
            is_short = words.count(" ") < LONGEST_INEXACT and not _is_everyday(words)
            if not matches and is_short and inexact_left:
                inexact_left -= 1
                matches = _matches(context, text[start:end], exact=False)
            found = _by_value(matches)
            if any(context.privacy.hides(one.kind) for one in found):
                # What need not be hidden may be meant all the same, and its words go with the name that they spell.
                main, *others = sorted(found, key=lambda one: not context.privacy.hides(one.kind))
                yield Found(start, end, main.kind, main.value, main.places, tuple(others[:MOST_OTHERS]))

    return find


def _matches(context: Context, phrase: str, *, exact: bool) -> list[ValueMatch]:
    """Stored values that a phrase means, in columns that this person may see."""
    found = context.values.find(phrase, limit=MOST_MATCHES, exact=exact)
    return [one for one in found if is_meant(one, context.schema)]


def _by_value(matches: Sequence[ValueMatch]) -> list[Found]:
    """Each value once, with all its places, of the kind of the first that is personal."""
    places: dict[str, list[tuple[str, str]]] = {}
    for one in matches:
        places.setdefault(one.value, []).append((one.table, one.column))
    return [Found(0, 0, kind_of_value(where), value, tuple(dict.fromkeys(where))) for value, where in places.items()]


def kind_of_value(places: Iterable[tuple[str, str]]) -> Hidden:
    """What a value of these columns is: personal data if it is that in any of them."""
    kinds = (kind_of_column(column, table) for table, column in places)
    return next((kind for kind in kinds if kind), Hidden.VALUE)


def _tells_nothing(words: str, known: Collection[str]) -> bool:
    """Whether a stretch of text gives no value away: little words, names of the schema, numbers, single letters."""
    return len(words) < 2 or all(
        one in STOP_WORDS or one.isdigit() or lemma(one) in known for one in value_key(words).split()
    )


def _is_everyday(words: str) -> bool:
    return any(one in common_words() or one in STOP_WORDS for one in words.split())
