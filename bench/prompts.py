"""What prompts tell and what they hold: cell values told under each privacy level, and tables found in a large schema.

    python -m bench.prompts FOLDER [--limit N]

FOLDER is a benchmark as `manage.py evaluate` takes it; only its development part is read. No model is asked. Each
question is put with others about the same database as its conversation and as verified queries, with their SQL.
"""

import argparse
import datetime as dt
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.knowledge.likeness import Example as Verified
from apps.knowledge.linking import tables_for
from apps.knowledge.tokens import tokenize
from apps.knowledge.values import MemoryValueIndex
from apps.llm.personal_data import find_personal, kind_of_column
from apps.llm.privacy import PrivacyLevel
from apps.llm.pseudonyms import words_of
from apps.queries.context import Context, Turn
from apps.queries.engines.model.messages import opening_messages
from apps.queries.evaluation.folder import Example, open_folder
from apps.queries.evaluation.sources import SqliteSource
from apps.queries.evaluation.split import is_measure_only
from tests.prompt_watch import PromptWatch, cell_values, schema_words, unquoted

TODAY = dt.date(2026, 1, 1)
WINDOW = 32_768
TABLES, COLUMNS, QUESTIONS = 5_000, 20, 200


def told(context: Context) -> str:
    """All that a model would be told, but for the rules."""
    return unquoted(opening_messages(context, window_tokens=WINDOW).messages[-1]["content"])


def leaks(folder: Path, limit: int | None) -> Counter[str]:
    """Prompts by level, and how many of them hold a cell value (`schema`) or personal data (the others)."""
    opened = open_folder(folder)
    by_database: dict[str, list[Example]] = defaultdict(list)
    for example in opened.examples():
        if not is_measure_only(example.db_id):
            by_database[example.db_id].append(example)
    counts: Counter[str] = Counter()
    for db_id, examples in sorted(by_database.items())[:limit]:
        source = SqliteSource(opened.database(db_id))
        watch = PromptWatch(set(cell_values(source.path)), schema_words(source.schema))
        personal = _personal_watch(source, watch)
        for number, example in enumerate(examples):
            others = [examples[(number + step) % len(examples)] for step in (1, 2, 3)]
            context = Context(
                example.question, source.schema, source.values, TODAY, tuple(_turn(one) for one in others[:2]),
                examples=tuple(Verified(one.question, one.gold[0]) for one in others),
            )  # fmt: skip
            counts["schema"] += 1
            if found := watch.values_in(told(context)):
                counts["schema: with a cell value"] += 1
                print("  ", db_id, example.question, sorted(found)[:3])
            open_text = told(replace(context, privacy=PrivacyLevel.SAMPLES))
            counts["samples"] += 1
            if found := personal.values_in(open_text) | {one.value for one in find_personal(open_text)}:
                counts["samples: with personal data"] += 1
                print("  ", db_id, example.question, sorted(found)[:3])
    return counts


def _turn(example: Example) -> Turn:
    return Turn(example.question, example.gold[0])


def _personal_watch(source: SqliteSource, watch: PromptWatch) -> PromptWatch:
    """The values of columns that hold personal data, but for those that stand in other columns as well."""
    personal: set[str] = set()
    plain: set[str] = set()
    for table in source.schema:
        for column in table.columns:
            into = personal if kind_of_column(column.name, table.full_name) else plain
            rows = source.rows(f'SELECT DISTINCT "{column.name}" FROM "{table.name}"', timeout_seconds=10)  # noqa: S608
            into.update(str(value) for (value,) in rows if isinstance(value, str))
    common = {words_of(one) for one in plain}
    return PromptWatch({one for one in personal if words_of(one) not in common}, watch.plain_words)


def large_schema(seed: int) -> tuple[Schema, list[tuple[str, set[str]]]]:
    """A schema of 5,000 tables with 20 columns each, and questions with the tables that they need."""
    pick = random.Random(seed)
    words = sorted(_WORDS.split())
    names = pick.sample([f"{one}_{other}" for one in words for other in words if one != other], TABLES)
    tables = []
    for number, name in enumerate(names):
        fields = pick.sample(words, COLUMNS - 2)
        columns = [
            Column("id", ColumnType.INTEGER),
            *(Column(f"{one}_{pick.choice(_SORTS)}", ColumnType.TEXT) for one in fields),
        ]
        keys = ()
        if number:
            target = names[pick.randrange(number)]
            columns.append(Column(f"{target}_id", ColumnType.INTEGER))
            keys = (ForeignKey((f"{target}_id",), target, ("id",)),)
        tables.append(Table(name, tuple(columns), primary_key=("id",), foreign_keys=keys))
    schema = Schema("postgres", tuple(tables))
    return schema, [_question(pick, tables) for _ in range(QUESTIONS)]


def _question(pick: random.Random, tables: Sequence[Table]) -> tuple[str, set[str]]:
    table = pick.choice(tables)
    column = pick.choice(table.columns[1:-1]).name.replace("_", " ")
    said = table.name.replace("_", " ")
    if table.foreign_keys and pick.random() < 0.5:
        target = table.foreign_keys[0].target_table
        return f"How many {said} are there for each {target.replace('_', ' ')}?", {table.name, target}
    return f"List the {column} of all {said}", {table.name}


_SORTS = ("name", "code", "text", "status", "kind", "date")
_WORDS = """
    account agent airport animal area article asset auction badge bank battery beach billing boat bonus book
    branch bridge brand budget building cable camera campaign carrier cargo channel claim class client clinic
    coach contract course crew dealer delivery deposit device doctor driver engine event expense factory farm
    ferry field film flight forest freight garden gate grant guest harbor hospital hotel invoice island journal
    kitchen label lease ledger lesson library license loan machine market meter mission museum network office
    orchard order parcel partner patient payment permit pilot plant policy port project quarry race refund region
    rental repair report road school sensor shipment shop station stock store
"""


def recall(seed: int = 7) -> dict[str, float]:
    """How many questions over a large schema have all their tables in the prompt, and what it costs beside linking."""
    schema, questions = large_schema(seed)
    values = MemoryValueIndex(())
    catalog = catalog_of(schema)
    told(Context("warm up", schema, values, TODAY))
    right, linking, building = 0, 0.0, 0.0
    for question, needed in questions:
        started = time.thread_time()
        tables_for(tokenize(question), catalog, 60)
        linked = time.thread_time()
        text = told(Context(question, schema, values, TODAY))
        building += time.thread_time() - linked
        linking += linked - started
        right += all(f"table {name}\n" in text or f"table {name}:" in text for name in needed)
    return {
        "questions": len(questions), "recall": right / len(questions), "linking_ms": 1000 * linking / len(questions),
        "prompt_ms": 1000 * building / len(questions), "ratio": building / linking,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--limit", type=int, help="only the first N databases")
    given = parser.parse_args()
    if given.folder:
        for name, count in sorted(leaks(given.folder, given.limit).items()):
            print(f"{name}: {count:,}")
    for name, figure in recall().items():
        print(f"{name}: {figure:.3f}")


if __name__ == "__main__":
    main()
