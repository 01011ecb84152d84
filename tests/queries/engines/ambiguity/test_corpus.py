"""The corpus as a whole: how much of what is ambiguous is asked about, and how little of what is clear."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from apps.queries.evaluation.outcome import Status
from bench.ambiguity.corpus import Corpus, read_corpora
from bench.ambiguity.measuring import Measured, measure, share

CORPUS = Path(__file__).with_name("corpus")
LEAST_ASKED, LEAST_FOUND = 0.94, 0.92
MOST_ASKED_OF_CLEAR, LEAST_RIGHT_OF_CLEAR = 0.03, 0.82


@pytest.fixture(scope="module")
def corpora() -> list[Corpus]:
    return read_corpora(CORPUS)


@pytest.fixture(scope="module")
def rows(corpora: list[Corpus], tmp_path_factory: pytest.TempPathFactory) -> list[Measured]:
    return measure(corpora, tmp_path_factory.mktemp("ambiguity"))


def _text(rows: list[Measured]) -> str:
    return "\n".join(f"{one.case.id} {one.outcome.status}: {one.case.question}" for one in rows if not one.is_as_wished)


@pytest.mark.parametrize("kind", ["scope", "attachment", "vague"])
def test_what_is_ambiguous_is_asked_about_with_its_readings(rows: list[Measured], kind: str) -> None:
    ambiguous = [one for one in rows if one.case.is_ambiguous and one.case.kind == kind]
    assert len(ambiguous) >= 35
    assert share(ambiguous, Status.ASKED) >= LEAST_ASKED, _text(ambiguous)
    assert share(ambiguous, found=True) >= LEAST_FOUND, _text(ambiguous)


def test_what_is_clear_is_answered_and_not_asked_about(rows: list[Measured]) -> None:
    clear = [one for one in rows if not one.case.is_ambiguous]
    assert len(clear) >= 100
    assert share(clear, Status.ASKED) <= MOST_ASKED_OF_CLEAR, _text(clear)
    assert sum(one.is_as_wished for one in clear) / len(clear) >= LEAST_RIGHT_OF_CLEAR, _text(clear)


def test_each_reading_of_an_ambiguous_question_brings_other_rows(corpora: list[Corpus], tmp_path: Path) -> None:
    """A mistake in a case would otherwise count as one of the engine."""
    for corpus in corpora:
        path = tmp_path / f"{corpus.name}.sqlite"
        corpus.write_database(path)
        with closing(sqlite3.connect(path)) as connection:
            for case in corpus.cases:
                results = [
                    {tuple(sorted(map(repr, connection.execute(sql)))) for sql in texts} for texts in case.readings
                ]
                brought = set.union(*results)
                assert len(brought) >= len(case.readings), case.id
