"""What the engine proposes with the meanings of language beside its grammar and its learned part."""

from apps.clarification.readings import Reading
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import propose_readings
from apps.queries.evaluation.headers import TODAY
from apps.queries.evaluation.sqlite_file import read_schema, read_values

from .databases import gyms, labels, rows


def proposed(question: str, *history: Turn) -> list[Reading]:
    schema = read_schema(gyms())
    values = MemoryValueIndex(read_values(gyms(), schema))
    return list(propose_readings(Context(question, schema, values, TODAY, history)))


def test_meanings_share_one_certainty() -> None:
    readings = proposed("What activities does each gym offer?")
    assert [one.is_shared for one in readings] == [True, True]
    assert 0.8 <= sum(one.score for one in readings) <= 1


def test_a_vague_word_beside_an_aggregate_is_read_with_each_column() -> None:
    first, other, *_ = proposed("What is the highest fee of a coach?")
    assert {rows(first)[0], rows(other)[0]} == {(300.0,), (40.0,)}
    assert {one.choices[0].label for one in (first, other)} == {"Day fee (coach)", "Hour fee (coach)"}
    assert first.choices[0].phrase == other.choices[0].phrase == "fee"


def test_a_follow_up_is_not_read_as_if_it_stood_alone() -> None:
    """It narrows what was asked before, though by itself it would be a list with two meanings."""
    said = "and trainers and masseurs on a daily contract?"
    assert labels(said)
    readings = proposed(said, Turn("How many coaches are there?", "SELECT COUNT(*) FROM coach"))
    assert all(choice.field != "attachment" for reading in readings for choice in reading.choices)


def test_several_sentences_are_not_read_by_one_of_them() -> None:
    readings = proposed("What activities does each gym offer? Only count them.")
    assert all(choice.field != "scope" for reading in readings for choice in reading.choices)
