"""From a question to readings through a model: ask, judge, send back what is wrong, at most three times."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from apps.clarification.readings import Choice, Reading, Reason
from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelError
from apps.llm.exchange import Message
from apps.llm.spec import ModelsByRole
from apps.llm.structured import Repair, ask_for
from apps.queries.engines.model.answer import MOST_POINTS, Answer, ReadingMade
from apps.queries.engines.model.confidence import scores
from apps.queries.engines.model.messages import Opening
from apps.queries.engines.model.verdicts import Verdict, judge
from apps.queries.prompts import prompt
from apps.queries.prompts.quoting import quoted

MOST_CORRECTIONS = 3
CORRECTIONS = "corrections"  # the reason whose weight counts them


@dataclass(frozen=True)
class _Draft:
    """An answer with the verdicts on it, and how many corrections led to it."""

    answer: Answer
    verdicts: tuple[Verdict, ...]
    corrections: int = 0

    @property
    def usable(self) -> list[Verdict]:
        return [one for one in self.verdicts if one.tree is not None]

    @property
    def wants_correction(self) -> bool:
        """None can be used; or, the first time, one does not even parse."""
        if not self.verdicts:
            return False
        return not self.usable or (self.corrections == 0 and any(one.is_unreadable for one in self.verdicts))


def propose(opening: Opening, access: Access, client: ModelClient, models: ModelsByRole) -> list[Reading]:
    """Readings that the guard lets through, likeliest first; none where the model says that the data does not hold it.

    The reasoning model reads the question, the implementation model mends what is wrong with the answer.

    Raises: ModelError where no model helps; UnsafeSql where nothing but refused SQL came, however often sent back.
    """
    purpose = prompt("readings").purpose
    repair = Repair(models.implementation, f"repair of {purpose}")
    answer = ask_for(Answer, client, models.reasoning, opening.messages, purpose=purpose, repair=repair)
    draft = _Draft(answer, tuple(judge(answer.readings, access, opening.names)))
    while draft.wants_correction and draft.corrections < MOST_CORRECTIONS:
        try:
            draft = _corrected(draft, opening, access, client, models)
        except ModelError:
            if not draft.usable:
                raise
            break
    return _readings(draft)


def _corrected(draft: _Draft, opening: Opening, access: Access, client: ModelClient, models: ModelsByRole) -> _Draft:
    """The next draft, made from the verdicts on this one; this one again where the next is worse."""
    correction = prompt("correction")
    told: list[Message] = [
        *opening.messages,
        {"role": "assistant", "content": draft.answer.model_dump_json()},
        {"role": "user", "content": correction.filled(verdicts=_verdicts_text(draft.verdicts))},
    ]
    answer = ask_for(Answer, client, models.implementation, told, purpose=correction.purpose)
    after = _Draft(answer, tuple(judge(answer.readings, access, opening.names)), draft.corrections + 1)
    if draft.usable and not after.usable:
        return _Draft(draft.answer, draft.verdicts, draft.corrections + 1)
    return after


def _verdicts_text(verdicts: Sequence[Verdict]) -> str:
    return "\n".join(
        f"reading {number}: {quoted(one.words) if one.words else 'good'}"
        for number, one in enumerate(verdicts, start=1)
    )


def _readings(draft: _Draft) -> list[Reading]:
    if draft.verdicts and not draft.usable:
        raise _why_none(draft.verdicts)
    likelihoods = [one.made.likelihood for one in draft.verdicts]
    scored = zip(draft.verdicts, scores(likelihoods, corrections=draft.corrections), strict=True)
    readings = [_reading(one.tree, one.made, score, draft.corrections) for one, score in scored if one.tree is not None]
    return sorted(readings, key=lambda one: -one.score)


def _why_none(verdicts: Sequence[Verdict]) -> AppError:
    """A refusal where the guard objected; SQL that nobody can parse is only useless."""
    refused = [one.refusal for one in verdicts if one.refusal and not one.is_unreadable]
    return refused[0] if refused else ModelAnswerUnusable("The model's SQL cannot be parsed.")


def _reading(tree: exp.Expression, made: ReadingMade, score: float, corrections: int) -> Reading:
    return Reading(
        tree=tree,
        score=score,
        assumptions=tuple(made.assumptions[:MOST_POINTS]),
        choices=_choices(made),
        reasons=(Reason("likelihood by the model", made.likelihood), Reason(CORRECTIONS, float(-corrections))),
        explanation=made.explanation,
        engine="model",
        is_shared=bool(made.choices),
    )


def _choices(made: ReadingMade) -> tuple[Choice, ...]:
    points = [one for one in made.choices if one.phrase and one.label][:MOST_POINTS]
    return tuple(Choice(one.field, one.phrase, one.label, one.meaning) for one in points)
