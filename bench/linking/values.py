"""Prints what an index of 1,000 to 1,000,000 stored values costs: its refresh, its memory, and looking things up.

Needs our own database: `python -m config.embedded with python -m bench.linking --values`.
"""

import os
import random
import sqlite3
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import django

from bench.figures import percentiles

SIZES = (1_000, 100_000, 1_000_000)
PER_COLUMN = 50_000
LOOKUPS = 40


def main(sizes: Sequence[int] = SIZES) -> None:
    """One line for each number of values; the organization and its source are removed again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
    print("  values  first s  again s  1 changed s  held MB  peak MB   p50 ms   p95 ms  found  misspelled")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            _print_size(size, Path(folder))


def _print_size(size: int, folder: Path) -> None:
    from django.conf import settings

    from apps.accounts.models import Organization
    from apps.accounts.row_security import across_organizations, organization_scope
    from apps.datasources.models import Kind
    from apps.datasources.services import create_data_source, sync_data_source

    settings.SOURCE_FOLDERS = [f"*={folder}"]
    file = folder / f"{size}.sqlite"
    names = _write(file, size)
    with across_organizations("a benchmark makes an organization of its own"):
        organization = Organization.objects.create(name="Bench", slug=f"bench-{size}-{os.getpid()}")
    try:
        with organization_scope(organization.pk):
            source = create_data_source(
                organization=organization, name="bench", kind=Kind.SQLITE, database=str(file), is_of_installation=True
            )
            times = []
            for change in (None, None, "UPDATE t0 SET name = 'Quite Another' WHERE rowid = 1"):
                if change:
                    with sqlite3.connect(file) as connection:
                        connection.execute(change)
                started = time.perf_counter()
                sync_data_source(source)
                times.append(time.perf_counter() - started)
            _print_lookups(size, source, names, times)
    finally:
        with across_organizations("a benchmark removes its organization"):
            source.delete()
            organization.delete()


def _print_lookups(size: int, source: object, names: Sequence[str], times: Sequence[float]) -> None:
    from apps.datasources.access import Access
    from apps.datasources.stored_schema import load_schema
    from apps.knowledge.services import load_values

    access = Access(load_schema(source))  # type: ignore[arg-type]
    dice = random.Random(size)
    load_values(source, access, "warm up")  # type: ignore[arg-type]
    tracemalloc.start()
    taken, found, near = [], 0, 0
    for _ in range(LOOKUPS):
        name = dice.choice(names)
        wrong = name[:5] + name[6:]
        for said, is_right in ((name, True), (wrong, False)):
            started = time.perf_counter()
            index = load_values(source, access, f"How many orders did {said} place last year?")  # type: ignore[arg-type]
            matches = index.find(said)
            taken.append((time.perf_counter() - started) * 1000)
            hit = any(match.value == name for match in matches)
            found, near = found + (hit and is_right), near + (hit and not is_right)
    held, peak = (number / 1e6 for number in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    p50, p95 = percentiles(taken)
    first, again, changed = times
    print(
        f"{size:8d} {first:8.1f} {again:8.1f} {changed:12.1f} {held:8.1f} {peak:8.1f} {p50:8.1f} {p95:8.1f} "
        f"{found / LOOKUPS:6.2f} {near / LOOKUPS:11.2f}",
        flush=True,
    )


def _write(file: Path, size: int) -> list[str]:
    """A file of tables with one column of names each."""
    dice = random.Random(size)
    names = [f"{_word(dice)} {_word(dice)} {_word(dice)}" for _ in range(size)]
    with sqlite3.connect(file) as connection:
        for number, start in enumerate(range(0, size, PER_COLUMN)):
            connection.execute(f"CREATE TABLE t{number} (name text)")
            rows = ((name,) for name in names[start : start + PER_COLUMN])
            connection.executemany(f"INSERT INTO t{number} VALUES (?)", rows)  # noqa: S608
    connection.close()
    return names


def _word(dice: random.Random) -> str:
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(dice.randint(2, 4))).capitalize()
