import time

from apps.knowledge.values import MemoryValueIndex

INDEX = MemoryValueIndex(
    [
        ("countries", "name", "Germany"),
        ("countries", "name", "France"),
        ("airlines", "name", "Delta Airlines"),
        ("codes", "code", "A-17"),
    ]
)


def test_the_same_words_score_one_and_case_costs_little() -> None:
    assert INDEX.find("Germany")[0].score == 1.0
    assert 0.98 <= INDEX.find("germany")[0].score < 1.0


def test_a_misspelled_value_is_found_but_not_when_exactness_is_asked() -> None:
    assert [match.value for match in INDEX.find("Germnay")] == ["Germany"]
    assert INDEX.find("Germnay", exact=True) == []


def test_part_of_a_value_is_found_with_a_lower_score() -> None:
    (match,) = INDEX.find("Delta")
    assert match.value == "Delta Airlines"
    assert match.score < 0.9


def test_codes_are_found_whatever_their_punctuation() -> None:
    assert INDEX.find("a 17")[0].value == "A-17"


def test_another_name_of_a_stored_value_is_found_even_where_exactness_is_asked() -> None:
    index = MemoryValueIndex([("people", "country", "USA"), ("people", "sex", "M"), ("days", "month", "Jun")])
    assert [index.find(said, exact=True)[0].value for said in ("American", "male", "June")] == ["USA", "M", "Jun"]
    stored = MemoryValueIndex([("people", "nationality", "American"), ("people", "country", "USA")])
    assert [match.column for match in stored.find("american")] == ["nationality"]


def test_accents_and_case_part_no_spellings() -> None:
    index = MemoryValueIndex([("cities", "name", "Zürich"), ("cities", "name", "SÃO PAULO")])
    assert index.find("zurich", exact=True)[0].value == "Zürich"
    assert index.find("Sao Paulo", exact=True)[0].value == "SÃO PAULO"


def test_nothing_is_found_for_words_that_no_value_resembles() -> None:
    assert INDEX.find("Uzbekistan") == []
    assert INDEX.find("?!") == []


def test_two_hundred_thousand_values_answer_in_well_under_a_second() -> None:
    index = MemoryValueIndex(("people", "name", f"Person {number:06d} Name") for number in range(200_000))
    started = time.thread_time()
    assert index.find("Person 123456 Name")[0].score == 1.0
    assert index.find("Persn 123456 Name")
    assert time.thread_time() - started < 1.0
