"""With the guard out of the way the session alone stops all but a listed few, and even those change nothing."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from apps.datasources.address import SourceKind
from apps.datasources.sessions import sessions
from tests.datasources.lab import LIMITS, DuckDbLab, Lab, MySqlLab, PostgresLab, SqliteLab

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "security_cases"
OWN = yaml.safe_load((CASES / "session_attacks.yaml").read_text())
LISTED = {
    dialect: {case for group in groups for case in group["cases"]}
    for dialect, groups in yaml.safe_load((CASES / "session_alone.yaml").read_text()).items()
}
# How many each list may hold: lower it when the list gets shorter, never raise it.
MOST_LISTED = {"postgres": 22, "mysql": 29, "sqlite": 6, "duckdb": 16}
DIALECTS = list(OWN)


def attacks(dialect: str) -> dict[str, tuple[str, bool]]:
    """By id or title: the SQL, and whether it is only about time."""
    found = {title: (sql, title.startswith("cost:")) for title, sql in OWN[dialect].items()}
    file = SHARED / f"sql_guard_{dialect}.jsonl"
    for line in file.read_text().splitlines() if file.exists() else []:
        case = json.loads(line)
        if case["expected"] == "refuse":
            found[case["id"]] = (case["statement"], case["class"].startswith("dos"))
    return found


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    made: Lab
    if request.param == "postgres":
        made = PostgresLab()
    elif request.param == "mysql":
        made = MySqlLab(request.getfixturevalue("mariadb"))
    else:
        made = {"sqlite": SqliteLab, "duckdb": DuckDbLab}[request.param](tmp_path, SourceKind(request.param))
    yield made
    sessions.close(made.address.id)
    made.close()


@pytest.mark.parametrize(("lab", "dialect"), [(name, name) for name in DIALECTS], indirect=["lab"], ids=DIALECTS)
def test_the_session_alone_stops_all_but_a_listed_few(lab: Lab, dialect: str) -> None:
    ran, changed, late = set(), {}, {}
    for name, (sql, is_about_time) in attacks(dialect).items():
        before = lab.fingerprint(sql)
        started = time.monotonic()
        outcome = lab.run(sql)
        if (seconds := time.monotonic() - started) > LIMITS.timeout_seconds + 5:
            late[name] = seconds
        if (after := lab.fingerprint(sql)) != before:
            changed[name] = (before, after)
        if outcome == "ran" and not is_about_time:
            ran.add(name)
    assert changed == {}
    assert late == {}
    known = set(attacks(dialect))
    assert ran - LISTED[dialect] == set(), "these are stopped no longer"
    assert (LISTED[dialect] & known) - ran == set(), "these are stopped now: take them off the list"


def test_the_lists_only_get_shorter() -> None:
    assert {dialect: len(listed) for dialect, listed in LISTED.items()} == MOST_LISTED


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_listed_case_is_a_case(dialect: str) -> None:
    if (SHARED / f"sql_guard_{dialect}.jsonl").exists():
        assert LISTED[dialect] <= set(attacks(dialect))


@pytest.mark.parametrize(("lab", "dialect"), [(name, name) for name in DIALECTS], indirect=["lab"], ids=DIALECTS)
def test_a_change_would_be_seen(lab: Lab, dialect: str) -> None:
    """The fingerprint is no use if it cannot change."""
    before = lab.state()
    if isinstance(lab, PostgresLab):
        lab.admin.execute("UPDATE orders SET amount = 1 WHERE id = 1")
    elif isinstance(lab, MySqlLab):
        with lab.root.cursor() as cursor:
            cursor.execute(f"UPDATE {lab.name}.orders SET amount = 1 WHERE id = 1")
    else:
        (lab.folder / "new").touch()  # type: ignore[attr-defined]
    assert lab.state() != before
