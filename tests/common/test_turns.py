"""Few threads compute at once; who waits lets another one go on."""

import threading
import time
from collections.abc import Callable

from apps.common.turns import Turns


def run_all(function: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=function) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)


def test_few_compute_at_once_and_all_wait_at_once() -> None:
    turns = Turns()
    turns.limit_to(2)
    computing, waiting = [], []
    most_computing, most_waiting = [0], [0]
    all_wait = threading.Barrier(8, timeout=10)

    def work() -> None:
        with turns.computing():
            computing.append(1)
            most_computing.append(len(computing))
            time.sleep(0.01)
            computing.pop()
            with turns.waiting():
                waiting.append(1)
                most_waiting.append(len(waiting))
                all_wait.wait()  # nobody gets past it unless all eight are here at once
            computing.append(1)
            most_computing.append(len(computing))
            time.sleep(0.01)
            computing.pop()

    run_all(work, 8)
    assert max(most_computing) == 2
    assert max(most_waiting) == 8


def test_a_turn_is_given_back_whatever_happens() -> None:
    turns = Turns()
    turns.limit_to(1)
    for _ in range(3):
        try:
            with turns.computing(), turns.waiting():
                raise ValueError
        except ValueError:
            pass
    with turns.computing():
        pass


def test_without_a_limit_and_outside_of_a_turn_nobody_waits() -> None:
    turns = Turns()
    with turns.computing(), turns.waiting(), turns.computing():
        pass
    turns.limit_to(1)
    with turns.waiting(), turns.computing():
        pass
