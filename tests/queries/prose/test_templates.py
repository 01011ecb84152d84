"""References to cells: filled in as the answer writes them, or their sentence goes."""

from decimal import Decimal

import pytest

from apps.queries.prose import Facts, filled_template, with_numbers_of
from tests.queries.charts.shapes import result_of
from tests.queries.prose.tables import case_result

CUSTOMERS = case_result("customers")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("There are {{count}} countries.", "There are 5 countries."),
        ("{{row 1.country}} leads with {{row 1.customers}}.", "Germany leads with 41."),
        ("The last is {{ row last.Country }}.", "The last is Poland."),
        ("In total {{sum.revenue_eur}} EUR.", "In total 3,308.00 EUR."),
        ("{{mean.customers}} on average, {{median.customers}} in the middle.", "24.4 on average, 28 in the middle."),
        ("From {{min.customers}} to {{max.customers}}.", "From 9 to 41."),
        ("Nothing to fill in.", "Nothing to fill in."),
    ],
)
def test_a_reference_becomes_its_value(template: str, text: str) -> None:
    assert filled_template(template, CUSTOMERS).text.replace(".40", ".4") == text


@pytest.mark.parametrize(
    "sentence",
    [
        "It is {{row 9.customers}}.",
        "It is {{row 0.customers}}.",
        "It is {{row 1.colour}}.",
        "It is {{sum.country}}.",
        "It is {{__class__}}.",
        "It is {{row 1.customers.real}}.",
        "It is {{row 1.customers}.",
        "It is {{{row 1.customers}}}.",
        "It is {{row 1.customers}} of 99.",
        "It is forty-one.",
        "It is {{ }}.",
    ],
)
def test_what_names_nothing_costs_its_sentence(sentence: str) -> None:
    outcome = filled_template(f"First {{{{count}}}} rows. {sentence} Last words.".replace("First ", "All "), CUSTOMERS)
    assert outcome.text == "All 5 rows. Last words."
    assert outcome.dropped == (sentence,)


def test_a_cell_that_looks_like_a_reference_is_not_read_again() -> None:
    result = result_of("name total", [("{{sum.total}}", 4), ("b", 5)])
    assert filled_template("It is {{row 1.name}}. Fine.", result).text == "It is {{sum.total}}. Fine."


def test_a_missing_value_and_a_cut_off_result_fill_nothing_in() -> None:
    result = result_of("name total", [("a", None), ("b", 5)])
    assert filled_template("It is {{row 1.total}}. It is {{sum.total}}.", result).text == "It is 5."
    cut = case_result("cut")
    template = "{{count}} rows. {{sum.customers}} of all. {{row last.country}} ends. {{row 1.customers}} come."
    assert filled_template(template, cut).text == "41 come."


def test_large_and_small_numbers_stay_exact() -> None:
    result = result_of("n d", [(2**63, Decimal("0.10")), (1, Decimal("0.20"))])
    assert filled_template("{{sum.n}} and {{sum.d}}.", result).text == "9,223,372,036,854,775,809 and 0.30."


def test_a_dot_in_a_columns_name_ends_no_sentence() -> None:
    result = result_of(["a. B", "c"], [(7, "x")])
    assert filled_template("It is {{row 1.a. B}} now. Done.", result).text == "It is 7 now. Done."


def test_words_without_rows_say_only_numbers_that_were_asked_about() -> None:
    text = "The data holds no weather. There were 4711 storms. Nothing is kept of 2019."
    asked = Facts(("How was the weather in 2019?",))
    assert with_numbers_of(asked, text) == "The data holds no weather. Nothing is kept of 2019."
