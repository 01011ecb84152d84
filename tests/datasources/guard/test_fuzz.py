"""Whatever comes in, only a SafeSql or an UnsafeSql comes out, in time; and released text is released as it stands."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasources.guard import UnsafeSql, check_sql
from apps.datasources.guard.dialects import DIALECTS
from tests.datasources.conftest import fixture_access
from tests.datasources.guard.test_check import own_cases
from tests.differential.generator import Table, honest

PIECES = sorted({word for dialect in DIALECTS for case in own_cases(dialect) for word in case["sql"].split()})
TEXTS = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")),
    st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=15).map(lambda words: "SELECT " + " ".join(words)),
)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(text=TEXTS)
def test_nothing_crashes_or_stalls_the_guard(dialect: str, text: str) -> None:
    started = time.thread_time()
    try:
        safe = check_sql(text, dialect=dialect, access=fixture_access(dialect))
    except UnsafeSql:
        return
    finally:
        assert time.thread_time() - started < 1
    assert check_sql(safe.text, dialect=dialect, access=fixture_access(dialect)).text == safe.text


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb"])
def test_released_text_is_released_as_it_stands(dialect: str) -> None:
    released = 0
    for statement in honest(Table(dialect), 200, seed=3):
        try:
            text = check_sql(statement.sql, dialect=dialect).text
        except UnsafeSql:
            continue
        released += 1
        assert check_sql(text, dialect=dialect).text == text
    assert released > 150
