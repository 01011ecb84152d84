"""Puts one question to an engine: the part that may wait for a model, and so may run in several threads. No Django."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import structlog

from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.llm.calls import CallRecord
from apps.queries.context import Context

log = structlog.get_logger(__name__)
Engine = Callable[[Context, Callable[[CallRecord], None]], Sequence[Reading]]
Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Asked:
    """What an engine said to one question, or why it said nothing, how long it took and what it cost."""

    readings: tuple[Reading, ...]
    milliseconds: float
    calls: tuple[CallRecord, ...] = ()
    failure: str = ""

    @property
    def cost_usd(self) -> Decimal:
        return sum((call.cost_usd for call in self.calls), Decimal(0))

    @property
    def prompt_tokens(self) -> int:
        return sum(call.prompt_tokens for call in self.calls)

    @property
    def completion_tokens(self) -> int:
        return sum(call.completion_tokens for call in self.calls)


def put(context: Context, engine: Engine) -> Asked:
    """Put one question to an engine. One that crashes over it has failed at this question and at no other."""
    calls: list[CallRecord] = []
    readings: tuple[Reading, ...] = ()
    failure = ""
    started = time.perf_counter()
    try:
        readings = tuple(engine(context, calls.append))
    except AppError as error:
        failure = error.error_code
    except Exception:
        log.exception("engine_crashed")
        failure = "internal_error"
    return Asked(readings, (time.perf_counter() - started) * 1000, tuple(calls), failure)


def in_order(function: Callable[[Item], Value], items: Iterable[Item], threads: int) -> Iterator[tuple[Item, Value]]:
    """Each item with its value, in order; with several threads, so many are under way at a time and few wait."""
    if threads == 1:
        for item in items:
            yield item, function(item)
        return
    under_way: deque[tuple[Item, Future[Value]]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="evaluation") as pool:
        try:
            for item in items:
                if len(under_way) == 2 * threads:
                    yield _first(under_way)
                under_way.append((item, pool.submit(copy_context().run, function, item)))
            while under_way:
                yield _first(under_way)
        finally:
            for _, future in under_way:
                future.cancel()


def _first(under_way: deque[tuple[Item, "Future[Value]"]]) -> tuple[Item, Value]:
    item, future = under_way.popleft()
    return item, future.result()
