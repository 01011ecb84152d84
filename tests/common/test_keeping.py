"""One thread looks after all that is held, and is gone with the last of it."""

import os
import threading
import time

from apps.common.keeping import Keeping


def threads_named(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


def test_one_thread_looks_after_everything() -> None:
    seen: list[list[str]] = []
    keeping: Keeping[str] = Keeping("kept-a", lambda: 0.02, seen.append)
    keeping.hold("one")
    keeping.hold("two")
    assert threads_named("kept-a") == 1
    time.sleep(0.1)
    assert ["one", "two"] in seen
    keeping.let_go("one")
    assert threads_named("kept-a") == 1
    keeping.let_go("two")
    assert threads_named("kept-a") == 0
    keeping.hold("three")
    time.sleep(0.1)
    assert seen[-1] == ["three"]
    keeping.let_go("three")


def test_what_is_not_held_is_let_go_without_harm() -> None:
    keeping: Keeping[str] = Keeping("kept-b", lambda: 1, lambda held: None)
    keeping.let_go("never held")
    assert keeping.all_held() == []


def test_a_forked_child_holds_nothing_and_can_hold_its_own() -> None:
    keeping: Keeping[str] = Keeping("kept-c", lambda: 0.02, lambda held: None)
    keeping.hold("the parent's")
    child = os.fork()
    if child == 0:
        empty = not keeping.all_held() and threads_named("kept-c") == 0
        keeping.hold("the child's")
        alone = keeping.all_held() == ["the child's"] and threads_named("kept-c") == 1
        os._exit(0 if empty and alone else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert keeping.all_held() == ["the parent's"]
    keeping.let_go("the parent's")
