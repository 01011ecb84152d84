"""A prompt fits the smallest window of all models that may be asked; what is left out is said and counted."""

from dataclasses import replace

import pytest

from apps.datasources.schema import Schema, Table
from apps.knowledge.glossary import Term
from apps.knowledge.likeness import Example
from apps.llm.spec import ModelsByRole, ModelSpec
from apps.llm.tokens import bounded_tokens
from apps.queries.context import Context, FailedSql, Turn
from apps.queries.engines.model import schema_text
from apps.queries.engines.model.budget import SHARES, fitted, smallest_window
from apps.queries.engines.model.messages import SECTIONS, Opening, opening_messages
from bench.prompts import large_schema
from tests.queries.engines.model.schemas import SHOP, column, context

SQL = "SELECT " + "total, " * 200 + "1 FROM orders"
FULL = replace(
    context("How many orders?", history=tuple(Turn(f"Question {n}?", SQL, ("A word.",)) for n in range(8))),
    glossary=tuple(Term((f"word {n}",), definition="y " * 150) for n in range(60)),
    examples=tuple(Example(f"Known {n}?", SQL) for n in range(5)),
    failed=tuple(FailedSql(f"{SQL} -- {n}", f"no such column: total {n}") for n in range(3)),
    task="Count the orders.",
)  # fmt: skip


def opening(of: Context, window: int, **more: object) -> Opening:
    return opening_messages(of, window_tokens=window, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("window", [4_000, 8_000, 16_000, 64_000])
def test_every_section_keeps_to_its_share_and_says_what_it_leaves_out(window: int) -> None:
    made = opening(FULL, window)
    text = "\n".join(message["content"] for message in made.messages)
    assert made.budget.prompt_tokens <= bounded_tokens(text) + 2 <= window * 3 // 4 + 4
    sections = {one.name: one for one in made.budget.sections}
    assert set(sections) == {"schema", *SHARES} == {"schema", *(name for name, _, _ in SECTIONS)}
    offered = {"conversation": 8, "glossary": 60, "verified": 5, "failed": 3, "task": 1, "values": 0, "choices": 0}
    for name, count in offered.items():
        one = sections[name]
        assert one.shown + one.left_out == count, name
        assert f"<{name}>\n{one.text}\n</{name}>" in text
        assert one.tokens <= max(SHARES[name] * window, 3), name
        assert ("not shown" in one.text) == (one.left_out > 0), name
        assert ("in short" in one.text) == (one.shortened > 0), name


def test_what_a_prompt_came_to_is_numbers_for_the_record() -> None:
    told = opening(FULL, 8_000).budget.as_json()
    assert told["window_tokens"] == 8_000
    assert told["sections"]["task"] == {"tokens": 7, "shown": 1, "shortened": 0, "left_out": 0}  # type: ignore[index]
    assert "Question" not in str(told)


def test_older_turns_are_shortened_before_they_are_dropped() -> None:
    entries = [lambda n=n: (f"turn {n} " + "long " * 30, f"turn {n}") for n in range(30)]
    for room in range(300, 6_000, 300):
        one = fitted("conversation", entries, room=room, count=bounded_tokens, what="turns")
        whole = one.shown - one.shortened
        assert one.text.count("long ") == whole * 30
        assert "long" not in one.text.partition("\n")[2] or whole > 1  # the newest are the whole ones
        assert not whole or not one.left_out, "one is shown whole while another is dropped"


def test_a_tokenizer_that_counts_more_makes_the_schema_smaller() -> None:
    tables = tuple(Table(f"orders_{n}", tuple(column(f"amount_{n}_{m}") for m in range(30))) for n in range(300))
    of = context("How many orders?", Schema("sqlite", tables))

    def count(text: str) -> int:
        return len(text) if len(text) > 5_000 else len(text) // 2

    made = opening(of, 40_000, count=count)
    assert sum(count(message["content"]) for message in made.messages) == made.budget.prompt_tokens <= 30_000


def test_the_window_is_that_of_the_smallest_model_that_may_be_asked() -> None:
    last = ModelSpec("last", window_tokens=4_000)
    reasoning = ModelSpec(
        "thinker", window_tokens=64_000, fallback=ModelSpec("next", window_tokens=9_000, fallback=last)
    )
    maker = ModelSpec("maker", window_tokens=5_000)
    assert smallest_window(ModelsByRole(reasoning, maker)) == 4_000
    assert smallest_window(ModelsByRole(maker, maker)) == 5_000


def test_of_five_thousand_tables_the_right_ones_are_told_in_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    schema, questions = large_schema(seed=5)
    questions = questions[:40]  # bench/prompts.py asks all 200
    assert (len(schema.tables), {len(table.columns) for table in schema}) == (5_000, {19, 20})
    written: list[str] = []
    forms = schema_text._forms
    monkeypatch.setattr(schema_text, "_forms", lambda table, shown: written.append(table.name) or forms(table, shown))
    found = 0
    for question, needed in questions:
        made = opening(context(question, schema), 16_000)
        text = made.messages[1]["content"]
        found += all(f"table {name}\n" in text for name in needed)
        assert made.budget.prompt_tokens <= 12_000
        [shown] = [one for one in made.budget.sections if one.name == "schema"]
        assert f"({shown.left_out} further tables are not shown" in shown.text
    assert found >= 0.98 * len(questions)
    assert len(written) < 250 * len(questions)  # of 5,000 tables each


def test_a_small_schema_is_told_in_full() -> None:
    [schema] = [one for one in opening(context("orders", SHOP), 8_000).budget.sections if one.name == "schema"]
    assert (schema.shown, schema.shortened, schema.left_out) == (2, 0, 0)
