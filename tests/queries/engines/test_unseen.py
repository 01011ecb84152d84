"""Follow-ups and plain questions about invented databases: each turn has the right rows, the SQL before it given."""

from datetime import date
from pathlib import Path

import pytest

from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import propose_readings
from apps.queries.engines.builtin.engine import leaning_readings
from apps.queries.evaluation.dialogues import Dialogue, hold, read_dialogues

from .unseen import opened

FILE = Path(__file__).parent.parent / "dialogues" / "unseen.toml"
TODAY = date(2026, 11, 21)
DIALOGUES = read_dialogues(FILE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unseen")


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=[one.title for one in DIALOGUES])
def test_every_turn_has_the_right_rows(dialogue: Dialogue, folder: Path) -> None:
    heard = list(hold(dialogue, opened(dialogue.database, folder), TODAY, given=True))
    assert [f"{one.said.question}: {one.status} {one.sql}" for one in heard if not one.right] == []


def leant(database: str, folder: Path, question: str, sql: str) -> list[str]:
    """The SQL of what a follow-up is read as; nothing where it does not lean on the answer before it."""
    source = opened(database, folder)
    context = Context(question, source.schema, source.values, TODAY, (Turn("Before?", sql),))
    return [one.tree.sql() for one in leaning_readings(context) or ()]


LISTED, HIGHEST = "SELECT common_name FROM creature", "SELECT max(price) FROM lesson"
KEPT_APART = {
    "an amount whose unit two columns name": ("climbing", "only those over 5 kilometres", "SELECT name FROM trainer"),
    "a verb of origin, which rather means a column": ("climbing", "Where do they live?", "SELECT name FROM trainer"),
    "an average has no row": ("lessons", "Which lesson has it?", "SELECT avg(price) FROM lesson"),
}


@pytest.mark.parametrize("case", KEPT_APART)
def test_what_is_not_meant_surely_is_not_made_of_an_answer(case: str, folder: Path) -> None:
    database, question, sql = KEPT_APART[case]
    made = leant(database, folder, question, sql)
    assert not any("trainer.name" in one or "title FROM lesson WHERE" in one or "> 5" in one for one in made)


def test_ties_of_an_extreme_are_all_named(folder: Path) -> None:
    (found,) = leant("lessons", folder, "Which lesson has it?", HIGHEST)
    assert found == "SELECT title FROM lesson WHERE price = (SELECT MAX(price) FROM lesson)"


def test_names_alone_are_not_shown_twice(folder: Path) -> None:
    (found,) = leant("reefs", folder, "What are their common names and kinds?", LISTED)
    assert found == "SELECT common_name, kind FROM creature"


def test_of_a_single_row_the_column_alone_is_shown(folder: Path) -> None:
    (found,) = leant("reefs", folder, "What are their legs?", f"{LISTED} ORDER BY weight_kg DESC LIMIT 1")
    assert found == "SELECT legs FROM creature ORDER BY weight_kg DESC LIMIT 1"


def test_a_condition_newly_said_with_the_groups_stays(folder: Path) -> None:
    before = "SELECT sum(seats) FROM lesson WHERE subject = 'Music' AND price > 10"
    (found, *_) = leant("lessons", folder, "per subject", before)
    assert "subject = 'Music'" not in found
    assert "price > 10" in found


@pytest.mark.parametrize("question", ["How many legs are poisonous?", "Which creatures are poisonous or nocturnal?",
                                      "What is the weight of poisonous creatures?"])  # fmt: skip
def test_more_than_rows_that_are_so_is_not_read_as_that(question: str, folder: Path) -> None:
    source = opened("reefs", folder)
    readings = propose_readings(Context(question, source.schema, source.values, TODAY))
    assert all(reason.name != "rows that are what a column says" for one in readings for reason in one.reasons)
