"""Files that members name: their own organization's, real ones, found without following a link, opened confined."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, User
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import SourceUnavailable, SqlFailed
from apps.datasources.execution import Limits, execute
from apps.datasources.files import check_file
from apps.datasources.guard.safe_sql import release
from apps.datasources.locations import folders_of
from apps.datasources.sessions import session_for
from apps.datasources.sessions.child_process import ChildProcess

SHARED = Path(__file__).resolve().parents[3] / "shared" / "security_cases" / "dsn_options.jsonl"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    return path


def test_a_real_file_is_known_by_what_it_is(file: Path) -> None:
    checked = check_file(str(file), "sqlite")
    assert checked.identity == f"{file.stat().st_dev}:{file.stat().st_ino}"


@pytest.mark.parametrize(
    "made", ["a link", "a linked folder", "a pipe", "a folder", "text", "dots", "relative", "proc"]
)
def test_what_only_leads_to_a_file_is_refused(file: Path, made: str) -> None:
    place = file.parent / "other.sqlite"
    if made == "a link":
        place.symlink_to(file)
    elif made == "a linked folder":
        (file.parent / "linked").symlink_to(file.parent)
        place = file.parent / "linked" / file.name
    elif made == "a pipe":
        os.mkfifo(place)
    elif made == "a folder":
        place.mkdir()
    elif made == "text":
        place.write_text("not a database, whatever it is called")
    elif made == "dots":
        place = file.parent / ".." / file.parent.name / file.name
    elif made == "relative":
        place = Path(file.name)
    else:
        place = Path(f"/proc/self/root{file}")
    with pytest.raises(SourceUnavailable):
        check_file(str(place), "sqlite")


def test_a_path_that_comes_to_mean_another_file_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look and the child's opening somebody puts another file in its place."""
    other = file.parent / "other.sqlite"
    other.write_bytes(file.read_bytes())
    looked_at = check_file(str(file), "sqlite")
    other.replace(file)
    monkeypatch.setattr("apps.datasources.sessions.child_process.check_file", lambda path, engine: looked_at)
    with pytest.raises(Exception, match="does not keep the settings"):
        ChildProcess("sqlite", str(file))


def test_each_organization_has_its_own_folder(tmp_path: Path, settings: Any) -> None:
    settings.SOURCE_FOLDERS = [str(tmp_path), f"globex={tmp_path / 'theirs'}"]
    assert folders_of("acme") == [tmp_path / "acme"]
    assert folders_of("globex") == [tmp_path / "globex", tmp_path / "theirs"]


@pytest.mark.django_db
def test_acme_cannot_name_globexs_file(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization, tmp_path: Path, settings: Any
) -> None:
    settings.SOURCE_FOLDERS = [str(tmp_path)]

    def code(path: str) -> int:
        body = {"name": "x", "kind": "sqlite", "database": path}
        return client_of(alice).post("/api/v1/data-sources", body, format="json").status_code

    strangers = [f"{tmp_path}/globex/x.sqlite", f"{tmp_path}/acme/../globex/x.sqlite", f"{tmp_path}/x.sqlite"]
    assert [code(path) for path in strangers] == [400, 400, 400]
    assert code(f"{tmp_path}/acme/x.sqlite") == 201


def shared_options() -> list[dict[str, str]]:
    return [json.loads(line) for line in SHARED.read_text().splitlines()] if SHARED.exists() else []


OWN_OPTIONS = [
    {"id": "own: a service file", "dialect": "postgres", "option": "service=x"},
    {"id": "own: a password file", "dialect": "postgres", "option": "passfile=/etc/passwd"},
    {"id": "own: a key", "dialect": "postgres", "option": "sslkey=/etc/passwd"},
    {"id": "own: a path as certificates", "dialect": "postgres", "option": "ca_certificate=/etc/passwd"},
    {"id": "own: a made up mode", "dialect": "postgres", "option": "tls=whatever"},
    {"id": "own: a namespace that goes on", "dialect": "postgres", "option": 'default_namespace=a",pg_catalog'},
    {"id": "own: a first command", "dialect": "mysql", "option": "init_command=SET GLOBAL x=1"},
    {"id": "own: a defaults file", "dialect": "mysql", "option": "read_default_file=/etc/my.cnf"},
    {"id": "own: a driver", "dialect": "tsql", "option": "Driver=/tmp/x.so"},
    {"id": "own: another place", "dialect": "duckdb", "option": "md:mine"},
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", [*shared_options(), *OWN_OPTIONS], ids=lambda case: case["id"])
def test_options_and_places_of_drivers_do_not_exist(
    client_of: Callable[[User], APIClient], alice: User, acme: Organization, case: dict[str, str]
) -> None:
    kind, option = case["dialect"], case["option"]
    if kind in ("sqlite", "duckdb"):
        name, _, value = option.rpartition(" ")
        given: dict[str, Any] = {"database": option, **({"options": dict([value.split("=")])} if name else {})}
    else:
        name, _, value = option.partition("=")
        given = {"host": "db.example", "database": "d", "options": {name: value}}
    answer = client_of(alice).post("/api/v1/data-sources", {"name": "x", "kind": kind, **given}, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]["details"]) <= {"options", "database"}


@pytest.fixture(params=["sqlite", "duckdb"])
def child(request: pytest.FixtureRequest) -> Iterator[ChildProcess]:
    address: SourceAddress = request.getfixturevalue(f"{request.param}_source")
    made = ChildProcess(address.kind.value, address.path)
    yield made
    made.kill()


def limits_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:25].strip(): line[26:46].strip() for line in lines}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_is_confined(child: ChildProcess) -> None:
    limits = limits_of(child.pid)
    assert (limits["Max file size"], limits["Max core file size"], limits["Max open files"]) == ("0", "0", "64")
    assert int(limits["Max address space"]) <= 3 * 1024**3
    status = Path(f"/proc/{child.pid}/status").read_text()
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert Path(f"/proc/{child.pid}/environ").read_bytes() == b""
    assert "word" not in Path(f"/proc/{child.pid}/cmdline").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux's")
@pytest.mark.parametrize(
    "act",
    [
        "__import__('socket').socket()",
        "__import__('socket').create_connection(('127.0.0.1', 1))",
        "__import__('os').fork()",
        "__import__('os').execv('/bin/true', ['true'])",
        "open('/tmp/parley-child-attack', 'w')",
        "open('/tmp/parley-child-attack', 'a')",
        "__import__('os').mkdir('/tmp/parley-child-attack')",
        "__import__('os').unlink(path)",
        "__import__('os').rename(path, path + '2')",
        "__import__('os').truncate(path, 0)",
        "__import__('os').open(path, __import__('os').O_RDWR)",
    ],
)
def test_code_that_got_into_a_child_reaches_neither_network_nor_files(file: Path, act: str) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); path = sys.argv[1]\n"
        "from apps.datasources.child.confinement import limit_memory, forbid_writing\n"
        f"limit_memory(1 << 30); forbid_writing(); open(path).close()\ntry:\n    {act}\n"
        "except PermissionError:\n    print('refused')\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(file), root], capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "refused\n", done.stderr
    assert not Path("/tmp/parley-child-attack").exists()
    assert file.stat().st_size > 0


def test_the_kernel_ends_a_child_that_outlives_its_time(child: ChildProcess) -> None:
    """The parent hangs: nobody kills the child but its own limit."""
    slow = {
        "sqlite": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "duckdb": "SELECT count(*) FROM range(1000000000000) a, range(10) b",
    }
    engine = "duckdb" if b"duckdb" in Path(f"/proc/{child.pid}/cmdline").read_bytes().split(b"\0")[4] else "sqlite"
    child.send({"sql": slow[engine], "rows": 1, "bytes": 100, "seconds": 0})
    with pytest.raises(SourceUnavailable):
        child.receive(60)
    assert not child.is_alive() or child._process.wait(5) == -signal.SIGXCPU


def test_a_child_ends_with_its_parent(sqlite_source: SourceAddress) -> None:
    root = str(Path(__file__).resolve().parents[2])
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from apps.datasources.sessions.child_process import ChildProcess\n"
        "child = ChildProcess('sqlite', sys.argv[1])\n"
        "os.dup(child._input.fileno())\n"
        "child.send({'sql': 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r',"
        " 'rows': 1, 'bytes': 1, 'seconds': 100})\n"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, sqlite_source.path, root], capture_output=True, text=True, timeout=60
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists() and ") Z" not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.1)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_one_huge_value_never_reaches_the_parent(kind: str, request: pytest.FixtureRequest) -> None:
    address: SourceAddress = request.getfixturevalue(f"{kind}_source")
    sql = "SELECT replace(hex(zeroblob(5000000)), '0', 'aa')" if kind == "sqlite" else "SELECT repeat('a', 20000000)"
    safe = release(sql, dialect=kind, tables=frozenset(), row_limit=10, capped=False)
    result = execute(safe, address, limits=Limits(bytes=1_000_000))
    assert (result.rows, result.truncated) == ((), True)


def test_a_bomb_ends_in_an_error_and_the_source_goes_on(duckdb_source: SourceAddress) -> None:
    bomb = release("SELECT repeat('a', 4000000000)", dialect="duckdb", tables=frozenset(), row_limit=1, capped=False)
    with pytest.raises((SqlFailed, SourceUnavailable)):
        execute(bomb, duckdb_source, limits=Limits())
    alive = release("SELECT 1", dialect="duckdb", tables=frozenset(), row_limit=1, capped=False)
    assert execute(alive, duckdb_source, limits=Limits()).rows == ((1,),)


def test_duckdbs_values_come_back_exact(duckdb_source: SourceAddress) -> None:
    sql = (
        "SELECT 1.10::decimal(12, 2), 170141183460469231731687303715884105727::hugeint, date 'infinity', "
        "date '2025-01-02', timestamp '2025-01-02 03:04:05.678', interval '1 month 3 days', 'a'::blob, "
        "timestamp_ns '2020-01-01 00:00:00.123456789', {'a': 1.10}, 'nan'::double"
    )
    safe = release(sql, dialect="duckdb", tables=frozenset(), row_limit=1, capped=False)
    assert execute(safe, duckdb_source, limits=Limits()).to_json_rows() == [
        [
            "1.10", "170141183460469231731687303715884105727", "infinity", "2025-01-02", "2025-01-02T03:04:05.678000",
            "1 month 3 days", "YQ==", "2020-01-01 00:00:00.123456789", {"a": "1.10"}, "nan",
        ]
    ]  # fmt: skip


def test_sources_together_have_a_bounded_number_of_places(
    sqlite_source: SourceAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.datasources.errors import SourceBusy
    from apps.datasources.sessions import places

    everywhere = places._everywhere.places
    assert all(everywhere.acquire(blocking=False) for _ in range(places.AT_ONCE_IN_ALL))
    try:
        monkeypatch.setattr(places, "WAIT_SECONDS", 0.05)
        with pytest.raises(SourceBusy):
            session_for(sqlite_source).test()
    finally:
        for _ in range(places.AT_ONCE_IN_ALL):
            everywhere.release()
    session_for(sqlite_source).test()


def test_sessions_beyond_the_most_are_closed(tmp_path: Path, file: Path) -> None:
    from apps.datasources.sessions import SessionRegistry

    registry = SessionRegistry(most=2)
    made = [registry.get(SourceAddress(str(number), SourceKind.SQLITE, path=str(file))) for number in range(3)]
    for one in made:
        one.test()
    assert [len(one._free) for one in made] == [0, 1, 1]  # type: ignore[attr-defined]
    for number in range(3):
        registry.close(str(number))
