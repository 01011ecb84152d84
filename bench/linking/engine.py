"""Times the whole built-in engine on large schemas: linking, readings, SQL."""

import datetime as dt
import random
from collections.abc import Sequence

from apps.knowledge.catalog import catalog_of
from apps.knowledge.ranking import prepare
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from bench.figures import percentiles, timed

from .schemas import KINDS, make_world

TODAY = dt.date(2026, 1, 15)
QUESTIONS = 12


def main(sizes: Sequence[int]) -> None:
    """One line for each size: milliseconds of a question after the schema is prepared."""
    print("\nthe whole engine\n tables   p50 ms   p95 ms   max ms   without a reading")
    for size in sizes:
        world = make_world(size, "snake", random.Random(size))
        prepare(catalog_of(world.schema))
        values, dice = world.value_index(), random.Random(size + 1)
        cases = [make(world, dice) for make in KINDS.values() for _ in range(QUESTIONS)]
        propose_readings(Context("warm up", world.schema, values, TODAY))
        times: list[float] = []
        silent = 0
        for case in cases:
            context = Context(case.question, world.schema, values, TODAY)
            found: list[object] = []
            times += timed(lambda context=context, found=found: found.extend(propose_readings(context)), 1)  # type: ignore[misc]
            silent += not found
        p50, p95 = percentiles(times)
        print(f"{size:7d} {p50:8.1f} {p95:8.1f} {max(times):8.1f}   {silent} of {len(cases)}")
