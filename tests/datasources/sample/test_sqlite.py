import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from apps.datasources.sample import NotTheSample, write_sqlite
from apps.datasources.sample.layout import LAYOUT


def test_it_holds_the_recorded_rows_and_every_foreign_key_finds_its_row(small: Path) -> None:
    counts = write_sqlite(small).counts
    with closing(sqlite3.connect(small)) as database:
        found = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in counts}
        assert found == counts
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_its_keys_are_those_of_the_layout(small: Path) -> None:
    with closing(sqlite3.connect(small)) as database:
        for table in LAYOUT:
            columns = database.execute(f"PRAGMA table_info({table.name})").fetchall()
            primary_key = [name for _, name, *_, place in sorted(columns, key=lambda one: one[5]) if place]
            targets = {row[2] for row in database.execute(f"PRAGMA foreign_key_list({table.name})")}
            assert tuple(primary_key) == table.primary_key
            assert targets == {key.target_table for key in table.foreign_keys}


def test_comments_can_be_read_from_its_statements(small: Path) -> None:
    with closing(sqlite3.connect(small)) as database:
        ((sql,),) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'orders'").fetchall()
    assert "shipped_at timestamp, -- When the goods left our warehouse" in sql


def test_amounts_are_numbers_and_dates_iso_text(small: Path) -> None:
    with closing(sqlite3.connect(small)) as database:
        types = "SELECT DISTINCT typeof(amount), typeof(issued_on), length(issued_on) FROM invoices"
        found = set(database.execute(types).fetchall())
    assert found <= {("real", "text", 10), ("integer", "text", 10)}
    assert found


def test_a_second_call_writes_nothing(small: Path) -> None:
    before = small.stat().st_mtime_ns
    assert write_sqlite(small).already_there
    assert small.stat().st_mtime_ns == before


def test_an_older_version_is_replaced(small: Path) -> None:
    with closing(sqlite3.connect(small)) as database, database:
        database.execute("PRAGMA user_version = 1")
        database.execute("DROP TABLE returns")
    assert not write_sqlite(small).already_there
    with closing(sqlite3.connect(small)) as database:
        assert database.execute("SELECT count(*) FROM returns").fetchone()[0] > 0


@pytest.mark.parametrize("content", [b"somebody's notes", b"SQLite format 3\x00 broken"])
def test_another_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(NotTheSample):
        write_sqlite(path)
    assert path.read_bytes() == content


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE notes (text text)")
    with pytest.raises(NotTheSample):
        write_sqlite(path)


def test_two_files_are_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one.sqlite", tmp_path / "other.sqlite"
    write_sqlite(one)
    write_sqlite(other)
    assert one.read_bytes() == other.read_bytes()
