"""The child process that opens one SQLite file and reads it. Started as a script; imports nothing of ours.

Requests and answers are JSON, one a line: {"sql", "rows"} is answered by one or more {"columns", "rows", "ended"},
{"catalogue"} by {"catalogue"}, and what fails by {"error"}. The parent kills this process at the deadline.
"""

import base64
import json
import resource
import sqlite3
import sys
from typing import Any
from urllib.parse import quote

_ROWS_PER_BATCH = 500
_MEBIBYTE = 1024 * 1024
_ALLOWED_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir", "lsmode"}
_TABLES = r"""
    SELECT name, type AS kind FROM sqlite_schema
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid
"""
_DETAILS = {
    "columns": 'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid',
    "foreign_keys": """
        SELECT id, "table" AS target_table, "from" AS name, "to" AS target
        FROM pragma_foreign_key_list(?) ORDER BY id, seq
    """,
    "unique_keys": """
        SELECT l.name AS id, i.name AS name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i
        WHERE l."unique" AND l.origin = 'u' AND NOT l.partial ORDER BY l.seq, i.seqno
    """,
}
_SQL_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 64 * _MEBIBYTE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 256 * 1024,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


def limit_resources(memory_bytes: int) -> None:
    """No writing of files, few open ones, bounded memory, no core dumps."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def open_file(path: str) -> sqlite3.Connection:
    """The file, read-only, with everything off that is not reading."""
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, cached_statements=16)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA mmap_size = 0")
    for category, most in _SQL_LIMITS.items():
        connection.setlimit(category, most)
    return connection


def authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """Reading, functions and recursion; nothing else exists for a statement."""
    if action not in _ALLOWED_ACTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def answer_sql(connection: sqlite3.Connection, sql: str, most: int, send: Any) -> None:
    """Send at most `most` rows of one statement as they come."""
    connection.set_authorizer(authorize)
    cursor = connection.execute(sql)
    columns = [column[0] for column in cursor.description or ()]
    while True:
        wanted = min(_ROWS_PER_BATCH, most)
        rows = cursor.fetchmany(wanted)
        most -= len(rows)
        ended = len(rows) < wanted or not most
        send({"columns": columns, "rows": rows, "ended": ended})
        if ended:
            cursor.close()
            return


def read_catalogue(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    """Tables with their columns and keys, by fixed SQL of SQLite's own catalogue."""
    connection.set_authorizer(None)
    connection.row_factory = sqlite3.Row
    try:
        tables = [dict(row) for row in connection.execute(_TABLES)]
        details = {
            part: [row for table in tables for row in _details(connection, sql, table["name"])]
            for part, sql in _DETAILS.items()
        }
    finally:
        connection.row_factory = None
    return {"tables": tables, **details}


def _details(connection: sqlite3.Connection, sql: str, table: str) -> list[dict[str, Any]]:
    try:
        return [{"table_name": table, **dict(row)} for row in connection.execute(sql, [table])]
    except sqlite3.Error:
        return []  # a view over something that is gone has no columns; the other tables still have theirs


def _plain(value: Any) -> Any:
    """What JSON has no word for: bytes."""
    return {"base64": base64.b64encode(value).decode()}


def main(path: str, memory_bytes: int) -> None:
    """Answer requests until the parent closes the pipe."""
    output = sys.stdout.buffer

    def send(message: dict[str, Any]) -> None:
        output.write(json.dumps(message, default=_plain).encode() + b"\n")
        output.flush()

    try:
        connection = open_file(path)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except (sqlite3.Error, OSError):
        send({"unavailable": True})
        return
    limit_resources(memory_bytes)
    send({"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if "sql" in request:
                answer_sql(connection, request["sql"], request["rows"], send)
            else:
                send({"catalogue": read_catalogue(connection)})
        except (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError, ValueError) as error:
            send({"error": {"message": str(error), "condition": getattr(error, "sqlite_errorname", "")}})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
