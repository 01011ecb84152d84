"""Functions that an administrator may add, and those that nobody can."""

import pytest

from apps.datasources.access import Access
from apps.datasources.guard import UnsafeSql, check_sql
from apps.datasources.guard.allowed_functions import NotAllowable, function_names
from tests.datasources.conftest import fixture_access


def test_names_are_folded_sorted_and_kept_once() -> None:
    assert function_names([" Sales.Net_Price", "discount", "sales.net_price"], "postgres") == (
        "discount",
        "sales.net_price",
    )


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("postgres", "pg_read_file"),
        ("postgres", "pg_catalog.lower"),
        ("postgres", "public.dblink_exec"),
        ("postgres", "SET_CONFIG"),
        ("postgres", "ext.query_to_xml"),
        ("postgres", "nextval"),
        ("postgres", "lo_export"),
        ("postgres", "a.b.c"),
        ("postgres", 'x"; DROP'),
        ("postgres", ""),
        ("mysql", "sleep"),
        ("mysql", "sys.load_file"),
        ("mysql", "get_lock"),
        ("sqlite", "load_extension"),
        ("sqlite", "writefile"),
        ("duckdb", "read_csv_auto"),
        ("duckdb", "getenv"),
        ("tsql", "openrowset"),
    ],
)
def test_what_can_do_harm_cannot_be_added(dialect: str, name: str) -> None:
    with pytest.raises(NotAllowable):
        function_names([name], dialect)


def test_a_harmful_name_in_an_access_is_refused_all_the_same() -> None:
    access = fixture_access("postgres")
    with pytest.raises(UnsafeSql):
        check_sql(
            "SELECT pg_read_file('x')",
            dialect="postgres",
            access=Access(access.schema, functions=frozenset({"pg_read_file"})),
        )
