"""Whole conversations about the sample, held with the built-in engine; nine of ten must be right in every turn."""

from pathlib import Path

import pytest

from apps.queries.engines.builtin.conversation.cues import Cue, cue_of
from apps.queries.evaluation.dialogues import Dialogue, Heard, hold, read_dialogues

from .spoken.office import Company
from .spoken.trades import TODAY

FILE = Path(__file__).parent.parent / "dialogues" / "sample.toml"
LEAST_DIALOGUES, LEAST_TURNS = 0.95, 0.97


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Dialogue, list[Heard]]]:
    sample = Company("sample", tmp_path_factory.mktemp("dialogues"))
    return [(one, list(hold(one, sample, TODAY))) for one in read_dialogues(FILE)]


def test_nearly_all_dialogues_are_right_throughout(held: list[tuple[Dialogue, list[Heard]]]) -> None:
    wrong = [f"{one.title}: {turn.said.question}: {turn.status} {turn.sql}"
             for one, turns in held for turn in turns if not turn.right]  # fmt: skip
    turns = sum(len(heard) for _, heard in held)
    right = sum(all(turn.right for turn in heard) for _, heard in held) / len(held)
    assert right >= LEAST_DIALOGUES, "\n".join(wrong)
    assert 1 - len(wrong) / turns >= LEAST_TURNS, "\n".join(wrong)


def test_there_are_thirty_dialogues_of_every_kind(held: list[tuple[Dialogue, list[Heard]]]) -> None:
    assert len(held) >= 30
    assert all(len(dialogue.turns) >= 2 for dialogue, _ in held)
    wanted = {turn.status for dialogue, _ in held for turn in dialogue.turns}
    assert wanted == {"answered", "asked", "declined", "small_talk", "change_request"}


CUES = {
    "why": Cue.EXPLAIN, "how did you get that number": Cue.EXPLAIN, "and why is that so high": Cue.EXPLAIN,
    "undo that": Cue.UNDO, "go back to before": Cue.UNDO, "the other way round": Cue.REVERSE,
    "just the top 3": Cue.TOP, "only the first five": Cue.TOP, "how many is that": Cue.COUNT, "list them": Cue.LIST,
    "who was that": Cue.LIST, "and the average": Cue.AVERAGE, "compare that with the year before": Cue.YEAR_BEFORE,
    "as a percentage of the total": Cue.SHARE, "in descending order": Cue.DESCENDING,
}  # fmt: skip
NO_CUES = (
    "why did orders fall in march", "how many orders were there", "which customers are from germany", "top products",
    "the average salary of employees", "compare germany with france", "who is the manager of the sales department", "",
)  # fmt: skip


@pytest.mark.parametrize(("said", "cue"), CUES.items())
def test_words_that_say_what_to_do_with_the_last_answer(said: str, cue: Cue) -> None:
    found = cue_of(said)
    assert found is not None
    assert found.cue is cue


@pytest.mark.parametrize("said", NO_CUES)
def test_words_that_ask_something_of_their_own_are_no_cue(said: str) -> None:
    assert cue_of(said) is None
