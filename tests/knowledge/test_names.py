import pytest

from apps.knowledge.names import lemma, root, split_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer_first_name", ("customer", "first", "name")),
        ("SupportRepId", ("support", "rep", "id")),
        ("fname", ("first", "name")),
        ("pName", ("name",)),
        ("StuID", ("student", "id")),
        ("dept_no", ("department", "number")),
        ("budget_in_billions", ("budget", "in", "billion")),
        ("paid", ("paid",)),
        ("custaddrline", ("customer", "address", "line")),
        ("releasedate", ("release", "date")),
        ("carpet", ("carpet",)),
        ("HTMLPage2", ("html", "page", "2")),
        ("größe_cm", ("größe", "cm")),
        ("顧客ID", ("顧客", "id")),
        ("qty_ord", ("quantity", "order")),
    ],
)
def test_names_read_as_the_words_people_say(name: str, words: tuple[str, ...]) -> None:
    assert split_name(name) == words


def test_glued_names_split_at_words_of_the_same_schema() -> None:
    assert split_name("citingpaperid", {"citing", "paper"}) == ("citing", "paper", "id")


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("cities", "city"),
        ("statuses", "status"),
        ("people", "person"),
        ("ids", "id"),
        ("sizes", "size"),
        ("scarves", "scarf"),
    ],
)
def test_plurals_become_singular(plural: str, singular: str) -> None:
    assert lemma(plural) == singular


def test_words_of_one_family_share_a_root() -> None:
    assert root("directed") == root("director") == root("direction")
    assert root("ship") != root("shop")
