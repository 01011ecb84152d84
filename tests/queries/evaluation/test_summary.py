"""Figures of one and of several runs, and what became different between two evaluations."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from apps.common.errors import InvalidInput
from apps.queries.evaluation.flips import Fate, difference
from apps.queries.evaluation.outcome import Outcome, Status
from apps.queries.evaluation.records import read_fates
from apps.queries.evaluation.report import difference_text, table_by
from apps.queries.evaluation.summary import summarize


def outcome(name: str, status: Status = Status.ANSWERED, *, correct: bool = True, **more: object) -> Outcome:
    reason = "" if correct else "values"
    return Outcome(name, "db", status, correct=correct, reason=reason, question=f"{name}?", **more)  # type: ignore[arg-type]


ONE_RUN = [
    outcome("a", question_class="join, flat", difficulty="easy", milliseconds=1, sql="A"),
    outcome("b", correct=False, question_class="join, flat", difficulty="hard", milliseconds=3, published=False),
    outcome("c", Status.DECLINED, question_class="having", difficulty="hard", by_ties=True, published=False),
    outcome("d", Status.ASKED, correct=False, question_class="having", difficulty="hard"),
]


def test_ex_counts_the_best_reading_and_precision_what_was_answered() -> None:
    summary = summarize(ONE_RUN, seconds=2.004)
    assert (summary["n"], summary["ex"], summary["coverage"], summary["precision"]) == (4, 0.5, 0.5, 0.5)
    assert (summary["asked_on_clear"], summary["by_reason"]) == (0.25, {"values": 2})
    assert (summary["ex_published"], summary["by_ties"], summary["seconds"]) == (0.0, 1, 2.0)
    assert summary["by_class"] == {
        "having": {"n": 2, "ex": 0.5, "missed": 1},
        "join, flat": {"n": 2, "ex": 0.5, "missed": 1},
    }


def test_several_runs_give_the_mean_and_tell_which_questions_are_unsteady() -> None:
    again = [
        outcome("a", correct=False, run=2, sql="A", cost_usd=Decimal("0.010")),
        outcome("b", correct=False, run=2, sql="other", cost_usd=Decimal("0.005")),
        *(outcome(one.id, one.status, correct=bool(one.correct), run=2) for one in ONE_RUN[2:]),
    ]
    summary = summarize([*ONE_RUN, *again])
    assert (summary["n"], summary["runs"], summary["ex"]) == (4, 2, 0.375)
    assert summary["ex_by_run"] == [0.5, 0.25]
    assert (summary["unsteady"], summary["unsteady_sql"]) == (1, 1)
    assert summary["cost_usd"] == "0.015"


def test_nothing_to_count_is_none_and_no_crash() -> None:
    summary = summarize([])
    assert (summary["n"], summary["ex"], summary["p95_ms"], summary["runs"]) == (0, None, None, 0)


def test_the_table_has_the_largest_group_first() -> None:
    figures = {"a": {"n": 1, "ex": 1.0, "missed": 0}, "b": {"n": 3, "ex": 0.3333, "missed": 2}}
    assert table_by("class", figures).splitlines()[2:] == ["| b | 3 | 2 | 0.33 |", "| a | 1 | 0 | 1.00 |"]


def fate(name: str, status: str = "answered", correct: bool | None = True) -> Fate:
    return Fate(name, f"{name}?", status, correct)


def test_flips_are_told_by_what_was_before_and_after() -> None:
    before = [fate("a"), fate("b", correct=False), fate("c"), fate("d"), fate("gone")]
    after = [fate("d"), fate("c", "declined"), fate("b"), fate("a", correct=False), fate("new"), fate("newer")]
    found = difference(before, after)
    assert [(one.id, one.kind) for one in found.flips] == [
        ("a", "answered right → answered wrong"),
        ("b", "answered wrong → answered right"),
        ("c", "answered right → declined right"),
    ]
    assert (found.compared, found.only_before, found.only_after) == (4, 1, 2)
    text = difference_text(found)
    assert "4 questions compared, 3 with another outcome" in text
    assert "answered right → declined right: 1\n  c: c?" in text


def test_a_question_that_changed_between_runs_is_unsteady() -> None:
    before = [fate("a"), fate("a", correct=False), fate("b"), fate("b")]
    found = difference(before, [fate("a"), fate("b")])
    assert [one.kind for one in found.flips] == ["unsteady → answered right"]


def test_many_flips_of_a_kind_are_cut_short() -> None:
    names = [str(number) for number in range(25)]
    found = difference(map(fate, names), [fate(name, correct=False) for name in names])
    assert difference_text(found).endswith("… and 5 more")


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(one.record()) + "\n" for one in ONE_RUN), encoding="utf-8")
    assert [(one.id, one.word, one.question) for one in read_fates(file)] == [
        ("a", "answered right", "a?"), ("b", "answered wrong", "b?"), ("c", "declined right", "c?"),
        ("d", "asked wrong", "d?"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['{"id": 1}', "[]", "nonsense"])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 1"):
        read_fates(file)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_fates(tmp_path / "nowhere")
