"""Percentiles and ratios, printed alike by every benchmark."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Times of one thing in milliseconds, told beside the times of what it is compared with."""

    name: str
    times_ms: Sequence[float]
    compared_with: str = ""
    base_ms: Sequence[float] = ()

    def __str__(self) -> str:
        p50, p95 = percentiles(self.times_ms)
        line = f"{self.name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms, n {len(self.times_ms)}"
        if self.base_ms:
            base = percentiles(self.base_ms)[0]
            line += f"; {p50 / base:.1f} x {self.compared_with} ({base:.2f} ms)"
        return line


def percentiles(times_ms: Sequence[float]) -> tuple[float, float]:
    """p50 and p95."""
    ranked = sorted(times_ms)
    return statistics.median(ranked), ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]


def timed(function: Callable[[], object], repetitions: int) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for _ in range(repetitions):
        started = time.perf_counter()
        function()
        times.append((time.perf_counter() - started) * 1000)
    return times
