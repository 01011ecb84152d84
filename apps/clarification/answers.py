"""What people answer to a question asked back: checked against the question, words matched with its options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from apps.clarification.models import Clarification, ClarificationQuestion, UnderstoodAs
from apps.common.errors import InvalidInput

MOST_CHARACTERS = 500  # of an answer in own words
TEXT_MATCH = 80  # rapidfuzz's ratios, 0 to 100, from which typed text counts as an option


@dataclass(frozen=True)
class Answer:
    """What was said to one question and how it was understood: an option, or else the query's question in new words."""

    question: ClarificationQuestion
    option: str = ""
    text: str = ""
    understood_as: UnderstoodAs = UnderstoodAs.OPTION
    rewording: str = ""

    @property
    def label(self) -> str:
        """The chosen option's label, or nothing."""
        return next((one["label"] for one in self.question.options if one["id"] == self.option), "")


def check_answers(clarification: Clarification, given: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """The answers to all questions of the open turn. Those in words that mean no option have no option yet.

    Raises: InvalidInput naming the answer at fault.
    """
    asked = {one.name: one for one in clarification.questions.all() if one.turn == clarification.turn}
    by_question = {str(answer["question_id"]): answer for answer in given}
    if len(by_question) < len(given):
        raise _wrong("question_id", "A question is answered more than once.")
    if unknown := set(by_question) - set(asked):
        raise _wrong("question_id", f"There is no open question {sorted(unknown)[0]!r}.")
    if missing := set(asked) - set(by_question):
        raise _wrong("answers", f"Question {sorted(missing)[0]!r} is not answered.")
    return [_checked(question, by_question[name]) for name, question in asked.items()]


def not_understood(question: ClarificationQuestion) -> InvalidInput:
    """The error for words that mean none of the options and no question about the data either."""
    offered = ", ".join(f"“{option['label']}”" for option in question.options)
    return _wrong(
        "text",
        f"I could match this neither to an option ({offered}) nor to the data. Choose one, name a value or a column, "
        "or ask the whole question in other words.",
    )


def _checked(question: ClarificationQuestion, given: Mapping[str, Any]) -> Answer:
    known = {option["id"] for option in question.options}
    chosen, text = given.get("option_id"), (given.get("text") or "").strip()
    if len(text) > MOST_CHARACTERS or "\x00" in text:
        raise _wrong("text", f"At most {MOST_CHARACTERS} characters, none of them null.")
    if chosen is None and not text:
        raise _wrong("option_id", f"Question {question.name!r} needs an option_id or a text.")
    if chosen is None:
        if not question.allow_text:
            raise _wrong("text", f"Question {question.name!r} takes no text; choose an option.")
        return Answer(question, _option_meant(question, text), text)
    if chosen not in known:
        raise _wrong("option_id", f"Question {question.name!r} has no option {chosen!r}; it has {sorted(known)}.")
    return Answer(question, chosen, text)


def _option_meant(question: ClarificationQuestion, text: str) -> str:
    """The option whose label, or else whose whole text, the typed words are; nothing where they are none, or where two
    fit equally well: an answer is never guessed."""
    if any(option["id"] == text for option in question.options):
        return text
    labels = {option["id"]: option["label"] for option in question.options}
    whole = {option["id"]: f"{option['label']} {option['meaning']}" for option in question.options}
    for scorer, candidates in ((fuzz.ratio, labels), (fuzz.token_set_ratio, labels), (fuzz.token_set_ratio, whole)):
        found = process.extract(
            text, candidates, scorer=scorer, processor=default_process, score_cutoff=TEXT_MATCH, limit=2
        )
        if found and (len(found) == 1 or found[0][1] > found[1][1]):
            return str(found[0][2])
    return ""


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, details={field: [message]})
