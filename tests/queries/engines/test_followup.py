from apps.queries.context import Turn

from .shop import ask

GERMANS = Turn("How many customers are from Germany?", "SELECT COUNT(*) FROM customers WHERE country = 'Germany'")


def test_a_new_value_takes_the_place_of_the_old_one() -> None:
    reading = ask("and from France?", history=(GERMANS,))[0]
    assert reading.tree.sql("sqlite") == "SELECT COUNT(*) FROM customers WHERE country = 'France'"


def test_by_divides_the_previous_answer() -> None:
    reading = ask("and by country?", history=(Turn("How many customers?", "SELECT COUNT(*) FROM customers"),))[0]
    counted = "SELECT country, COUNT(*) FROM customers GROUP BY country ORDER BY COUNT(*) DESC"
    assert reading.tree.sql("sqlite") == counted


def test_a_follow_up_says_what_it_goes_on_from() -> None:
    assert "goes on from before" in ask("and from France?", history=(GERMANS,))[0].assumptions[0]


def test_a_whole_question_does_not_lean_on_history() -> None:
    question = "What is the average price of products?"
    assert ask(question, history=(GERMANS,)) == ask(question)


def test_history_that_no_plan_can_say_is_left_alone() -> None:
    history = (Turn("odd", "SELECT 1 +"),)
    assert ask("and from France?", history=history) == ask("and from France?")
