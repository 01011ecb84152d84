"""Turns one uploaded file into a DuckDB file. A script: KIND SOURCE TARGET NAME FOLDER-OF-PACKAGES...

It runs with little memory and time, no network and no other program, and writes nothing but TARGET and a file beside
it. Values keep what they say: a column becomes numbers or dates only if each of its values is one, decimals exactly.
The last line of its output is {"tables": n} or {"error": a sentence for the person}.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3]))

from apps.datasources.child.confinement import die_with_parent, limit_memory, limit_time

MEMORY_BYTES = 2 * 1024**3
MOST_FILE_BYTES = 1024**3
MOST_SECONDS = 60
MOST_COLUMNS = 1_000
MOST_TABLES = 50
# What a column's texts must all look like, the narrowest type first. A leading zero says that it is no number.
_TYPES = (
    ("BIGINT", r"^-?(0|[1-9][0-9]{0,17})$"),
    ("DECIMAL", r"^-?(0|[1-9][0-9]{0,19})\.[0-9]{1,12}$"),
    ("DATE", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    ("TIMESTAMP", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"),
    ("BOOLEAN", r"^(?i:true|false)$"),
)


class NotReadable(Exception):
    """What the person should hear."""


def main(kind: str, source: str, target: str, name: str) -> dict[str, Any]:
    """Write the target; how many tables it holds, or why there is none."""
    import duckdb

    limit_memory(MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    limit_time(MOST_SECONDS, threads=1)
    connection = duckdb.connect(target, config={"threads": 1, "memory_limit": "1GB"})
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    try:
        if kind == "parquet":
            connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM read_parquet(?)", [source])
            tables = 1
        elif kind == "xlsx":
            tables = read_workbook(connection, source, target)
        else:
            read_text(connection, source, name, "\t" if kind == "tsv" else None)
            tables = 1
        connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise NotReadable("The file cannot be read as a table: its rows do not have the same columns.") from error
    finally:
        connection.close()
    return {"tables": tables}


def read_text(connection: Any, path: str, name: str, delimiter: str | None) -> None:
    """One table of a file of separated values, whose first row names the columns; rows of other lengths are refused."""
    connection.execute(
        "CREATE TEMP TABLE raw AS SELECT * FROM read_csv(?, delim = ?, header = true, all_varchar = true, skip = 0,"
        " quote = '\"', escape = '\"', null_padding = false, ignore_errors = false)",
        [path, delimiter or delimiter_of(path)],
    )
    keep_typed(connection, name)


def delimiter_of(path: str) -> str:
    """What parts the names in the first row; a comma where there is only one."""
    with Path(path).open(encoding="utf-8") as file:
        first = file.readline(1 << 20)
    return max(",;\t|", key=first.count)


def keep_typed(connection: Any, name: str) -> None:
    """The table `raw` under its name, each column in the narrowest type that all of its values have."""
    columns = [row[0] for row in connection.execute("DESCRIBE raw").fetchall()]
    if len(columns) > MOST_COLUMNS:
        raise NotReadable(f"The file has more than {MOST_COLUMNS} columns.")
    parts = [f"{cast(connection, column)} AS {quoted(column)}" for column in columns]
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT {', '.join(parts)} FROM raw")
    connection.execute("DROP TABLE raw")


def cast(connection: Any, column: str) -> str:
    """The expression that reads the column of `raw` in its type."""
    text = f"NULLIF(trim({quoted(column)}), '')"
    for type_name, pattern in _TYPES:
        if type_name == "DECIMAL":
            pattern = f"({pattern})|({_TYPES[0][1]})"
        fits = f"count({text}) > 0 AND bool_and(regexp_matches({text}, ?)) FILTER ({text} IS NOT NULL)"
        if not connection.execute(f"SELECT {fits} FROM raw", [pattern]).fetchone()[0]:
            continue
        if type_name == "DECIMAL":
            scale = f"max(length(regexp_extract({text}, '\\.([0-9]+)$', 1)))"
            type_name = f"DECIMAL(38, {connection.execute(f'SELECT {scale} FROM raw').fetchone()[0]})"
        lost = f"count(*) FILTER ({text} IS NOT NULL AND TRY_CAST({text} AS {type_name}) IS NULL)"
        if connection.execute(f"SELECT {lost} FROM raw").fetchone()[0] == 0:
            return f"CAST({text} AS {type_name})"
    return f"NULLIF({quoted(column)}, '')"


def read_workbook(connection: Any, path: str, target: str) -> int:
    """One table for each sheet that holds something."""
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        tables = 0
        for sheet in workbook.worksheets[:MOST_TABLES]:
            beside = Path(f"{target}.csv")
            if write_rows(beside, sheet.iter_rows(values_only=True)):
                read_text(connection, str(beside), sheet.title, ",")
                tables += 1
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise NotReadable("The workbook cannot be read.") from error
    if not tables:
        raise NotReadable("The workbook holds no table.")
    return tables


def write_rows(path: Path, rows: Iterator[tuple[Any, ...]]) -> bool:
    """The sheet as separated values, from the first row that is not empty; False if there is none below it."""
    written = 0
    width = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        for row in rows:
            texts = [plain(value) for value in row]
            if not any(texts) and not written:
                continue
            if not written:
                width = max(position for position, text in enumerate(texts) if text) + 1
                texts = [text or f"column_{position + 1}" for position, text in enumerate(texts[:width])]
            writer.writerow((texts + [""] * width)[:width])
            written += 1
    return written > 1


def plain(value: Any) -> str:
    """A cell as text that says the same: whole numbers without a point, dates as ISO 8601 writes them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else value.isoformat())
    return str(value)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    die_with_parent()
    sys.path.extend(sys.argv[5:])
    try:
        outcome = main(*sys.argv[1:5])
    except NotReadable as error:
        outcome = {"error": str(error)}
    except MemoryError:
        outcome = {"error": "The file needs more memory than may be."}
    sys.stdout.write(json.dumps(outcome) + "\n")
