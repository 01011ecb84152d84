"""Reads one file for the parent until its pipe closes. A script: ENGINE PATH DEVICE:INODE [FOLDER OF PACKAGES].

Requests and answers are JSON, one a line. {"sql", "rows", "bytes", "seconds"} is answered by one or more {"columns",
"rows", "ended", "cut"}, {"catalogue", "seconds"} by {"catalogue"}, and what fails by {"error"}. The first line is
{"ready"}, {"unsafe"} with the setting that is not as asked, or {"unavailable"}. The parent kills this process at the
deadline.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3]))

from apps.datasources.child.confinement import (
    die_with_parent,
    forbid_writing,
    has_open,
    limit_memory,
    limit_time,
)
from apps.datasources.child.messages import encoded, packed, plain
from apps.datasources.child.readers import Reader, UnsafeSetting


def reader_class(engine: str) -> type[Reader]:
    """The reader of that engine; its library is imported here, so that one engine does not need the other's."""
    if engine == "sqlite":
        from apps.datasources.child.sqlite_reader import SqliteReader

        return SqliteReader
    from apps.datasources.child.duckdb_reader import DuckDbReader

    return DuckDbReader


def send(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(encoded(message))
    sys.stdout.buffer.flush()


def opened(engine: str, path: str, identity: str) -> Reader:
    """The file in its engine, behind every wall.

    Raises: UnsafeSetting where one is not up; OSError, or the engine's own error, where the file cannot be read.
    """
    kind = reader_class(engine)
    die_with_parent()
    try:
        limit_memory(kind.memory_bytes)
    except OSError as error:
        raise UnsafeSetting("seccomp") from error
    reader = kind(path)
    forbid_writing()
    reader.check_settings()
    device, inode = map(int, identity.split(":"))
    if not has_open(device, inode):
        raise UnsafeSetting("file")
    return reader


def answer_sql(reader: Reader, request: dict[str, Any]) -> None:
    """Send the rows of one statement as they come, up to as many and as large as the request allows."""
    columns, rows = reader.run(request["sql"], request["rows"])
    for piece, ended, cut in packed(rows, most_rows=request["rows"], most_bytes=request["bytes"]):
        send({"columns": columns, "rows": [plain(row) for row in piece], "ended": ended, "cut": cut})


def answer(reader: Reader, request: dict[str, Any]) -> None:
    """Answer one request, with what went wrong if it did."""
    limit_time(request["seconds"], reader.threads)
    try:
        if "sql" in request:
            answer_sql(reader, request)
        else:
            send({"catalogue": reader.catalogue()})
    except reader.errors as error:
        send({"error": {"message": str(error), "condition": reader.condition(error)}})
    finally:
        reader.clear()


def main(engine: str, path: str, identity: str) -> None:
    """Open the file, say how that went, then answer until the parent closes the pipe."""
    kind = reader_class(engine)
    try:
        reader = opened(engine, path, identity)
    except UnsafeSetting as error:
        send({"unsafe": error.name})
        return
    except kind.errors:
        send({"unavailable": True})
        return
    send({"ready": True})
    for line in sys.stdin.buffer:
        answer(reader, json.loads(line))


if __name__ == "__main__":
    sys.path.extend(sys.argv[4:])
    main(*sys.argv[1:4])
