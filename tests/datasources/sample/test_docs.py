from pathlib import Path

from apps.datasources.sample.fingerprints import recorded_fingerprints
from apps.datasources.sample.layout import LAYOUT
from tests.datasources.sample.questions import Question, clear_questions, read_questions

PAGE = (Path(__file__).parents[3] / "docs" / "sample.md").read_text(encoding="utf-8")


def table_under(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_page_lists_every_table_with_its_rows() -> None:
    full, small = recorded_fingerprints("full"), recorded_fingerprints("small")
    expected = [[f"`{one.name}`", f"{full[one.name].rows:,}", f"{small[one.name].rows:,}"] for one in LAYOUT]
    assert [row[:3] for row in table_under("Tables")] == expected


def test_the_questions_of_the_page_are_acceptance_questions() -> None:
    asked = [row[0] for row in table_under("Questions to try")]
    assert len(asked) == 15
    assert set(asked) <= {question["question"] for question in read_questions()}


def test_single_answers_on_the_page_are_the_expected_ones() -> None:
    answers = {row[0]: row[1] for row in table_under("Questions to try")}
    single = [one for one in clear_questions() if one["question"] in answers and is_single(one)]
    assert len(single) > 5
    for question in single:
        value = question["expected"][0][0]
        shown = f"{value:,}" if isinstance(value, int) else value
        assert answers[question["question"]].startswith(shown)


def test_the_two_revenues_on_the_page_are_the_expected_ones() -> None:
    (revenue,) = [one for one in read_questions() if one["question"] == "What was our revenue last year?"]
    for ((total,),) in revenue["expected"]:
        assert f"{float(total):,.2f}" in PAGE


def is_single(question: Question) -> bool:
    return len(question["expected"]) == len(question["expected"][0]) == 1
