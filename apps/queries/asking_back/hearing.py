"""Understanding an answer in a person's own words: an option, a value in place of the open words, or a new wording.

Words are never pasted into SQL. They make a question, which is read like any other; the built-in engine decides at
once whether there is something in the data that it means, so that nobody waits for an answer that leads nowhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps.clarification.answers import Answer, check_answers, not_understood
from apps.clarification.choosing import plausible
from apps.clarification.models import Clarification, UnderstoodAs
from apps.clarification.stored import rewording_of
from apps.queries.context import Context
from apps.queries.engines.builtin import THRESHOLD, TriageKind, propose_readings, triage
from apps.queries.models import Query
from apps.queries.steps.understanding import understand

FEW_WORDS = 4  # as many may stand in place of the open words; more are a question of their own first
OPENINGS = frozenset(("what", "which", "who", "whose", "how", "where", "when", "show", "list", "give", "count", "find"))
PREPOSITIONS = frozenset(("in", "on", "at", "by", "for", "from", "to", "of", "with", "since", "during", "per", "until"))


def hear_answers(clarification: Clarification, given: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """The answers to the open turn, each understood.

    Raises: InvalidInput naming the answer at fault, Refused if the person may no longer ask here.
    """
    answers = check_answers(clarification, given)
    if all(answer.option for answer in answers):
        return answers
    query: Query = clarification.query
    context = understand(query, in_request=True).reading_context
    earlier = rewording_of(clarification)
    asked = earlier.rewording if earlier else query.question
    by_model = any(row["engine"] == "model" for row in clarification.readings)
    return [one if one.option else _heard(one, replace(context, question=asked), by_model) for one in answers]


def _heard(answer: Answer, context: Context, by_model: bool) -> Answer:
    """The first way to take the words that the data knows; a model may know more of them than the built-in engine.

    Raises: InvalidInput where there is none.
    """
    if not any(letter.isalnum() for letter in answer.text):
        raise not_understood(answer.question)
    ways = list(_ways(answer, context.question))
    asks = [replace(answer, understood_as=kind, rewording=question) for kind, question in ways]
    allowed = [one for one in asks if not _wants_change(replace(context, question=one.rewording))]
    known = next((one for one in allowed if _is_read(replace(context, question=one.rewording))), None)
    if known is None and by_model and len(allowed) == len(asks):
        known = allowed[0]
    if known is None:
        raise not_understood(answer.question)
    return known


def _ways(answer: Answer, question: str) -> Iterator[tuple[UnderstoodAs, str]]:
    """The words in place of those that were open, at the question's end, or as the question; likeliest first."""
    words = answer.text.strip(" ?.!").split()
    whole = (UnderstoodAs.REPHRASING, answer.text)
    is_question = len(words) > FEW_WORDS or bool(words and words[0].lower() in OPENINGS)
    if is_question:
        yield whole
    phrase = answer.question.phrase
    place = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", question, re.IGNORECASE) if phrase else None
    if place and place.group() != question:
        said = _led_over(place.group(), words)
        yield UnderstoodAs.VALUE, f"{question[: place.start()]}{said}{question[place.end() :]}"
    yield UnderstoodAs.VALUE, f"{question.rstrip(' ?.!')} {' '.join(words)}"
    if not is_question:
        yield whole


def _led_over(phrase: str, words: Sequence[str]) -> str:
    """The new words with the preposition that the old ones began with: "in March" becomes "in April"."""
    first = phrase.split()[0].lower()
    leads = first in PREPOSITIONS and words[0].lower() not in PREPOSITIONS
    return " ".join([first, *words] if leads else words)


def _wants_change(context: Context) -> bool:
    return triage(context).kind is TriageKind.CHANGE_REQUEST


def _is_read(context: Context) -> bool:
    """Whether the engine understands the question but for what may be asked about it."""
    readings = plausible(found) if (found := propose_readings(context)) else []
    return bool(readings) and not readings[0].unexplained and sum(one.score for one in readings) >= THRESHOLD
