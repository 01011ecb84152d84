"""Codes and missing values, as comments declare them."""

import pytest

from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.catalog import ColumnEntry, catalog_of
from apps.queries.engines.builtin.spoken.codes import codes_of, null_words


def entry_with(comment: str, kind: ColumnType = ColumnType.TEXT) -> ColumnEntry:
    table = Table("visits", (Column("state", kind, comment=comment),))
    return catalog_of(Schema("postgres", (table,))).columns[("visits", "state")]


def test_letters_with_equals_signs_are_codes() -> None:
    codes = codes_of(entry_with("P = pending, S = shipped; X = cancelled"))
    assert [(code.value, code.label) for code in codes] == [("P", "pending"), ("S", "shipped"), ("X", "cancelled")]


def test_codes_of_a_number_column_are_numbers_and_labels_may_have_several_words() -> None:
    codes = codes_of(entry_with("1 = open, 2 = partly paid", ColumnType.INTEGER))
    assert [(code.value, code.words) for code in codes] == [(1, ("open",)), (2, ("partly", "paid"))]


@pytest.mark.parametrize("comment", ["", "State of the visit", "Value of goods, x = y", "Price: in euros"])
def test_other_comments_declare_nothing(comment: str) -> None:
    assert codes_of(entry_with(comment)) == ()


def test_a_comment_tells_what_a_missing_value_means() -> None:
    assert "still" in null_words(entry_with("Day of leaving; NULL for those who still work here"))
    assert null_words(entry_with("Day of leaving")) == frozenset()
