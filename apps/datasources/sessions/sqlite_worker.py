"""The child process that opens one SQLite file and reads it. Started as a script; imports nothing of ours.

Requests and answers are JSON, one a line: {"sql", "rows"} is answered by {"columns"}, any number of {"rows"} and {"end"}, or by
{"error"}; {"catalogue"} by {"catalogue"}. The parent kills this process when a request takes too long.
"""

import base64
import json
import resource
import sqlite3
import sys
from typing import Any

_ROWS_PER_BATCH = 500
_MEBIBYTE = 1024 * 1024
_ALLOWED_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir", "lsmode"}
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
    uri = "file:" + "".join(
        character if character.isalnum() or character in "/._-" else _escaped(character) for character in path
    )
    connection = sqlite3.connect(uri + "?mode=ro", uri=True, isolation_level=None, cached_statements=16)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA mmap_size = 0")
    for category, most in _SQL_LIMITS.items():
        connection.setlimit(category, most)
    return connection


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


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
    send({"columns": [column[0] for column in cursor.description or ()]})
    while rows := cursor.fetchmany(min(_ROWS_PER_BATCH, most)):
        send({"rows": rows})
        most -= len(rows)
    cursor.close()
    send({"end": True})


def read_catalogue(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    """Tables with their columns and keys, by fixed SQL of SQLite's own catalogue."""
    connection.set_authorizer(None)
    catalogue: dict[str, list[dict[str, Any]]] = {"tables": [], "columns": [], "foreign_keys": [], "unique_keys": []}
    listed = connection.execute(
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY rowid"
    ).fetchall()
    for name, kind in listed:
        catalogue["tables"].append({"name": name, "kind": kind})
        _add(
            connection,
            catalogue["columns"],
            name,
            'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid',
        )
        _add(
            connection,
            catalogue["foreign_keys"],
            name,
            'SELECT id, "table" AS target_table, "from" AS name, "to" AS target FROM pragma_foreign_key_list(?) ORDER BY id, seq',
        )
        _add(
            connection,
            catalogue["unique_keys"],
            name,
            "SELECT l.name AS id, i.name AS name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i "
            "WHERE l.\"unique\" AND l.origin = 'u' AND NOT l.partial ORDER BY l.seq, i.seqno",
        )
    return catalogue


def _add(connection: sqlite3.Connection, rows: list[dict[str, Any]], table: str, sql: str) -> None:
    try:
        cursor = connection.execute(sql, [table])
        names = [column[0] for column in cursor.description]
        rows += [{"table_name": table, **dict(zip(names, row, strict=True))} for row in cursor]
    except sqlite3.Error:
        return  # a view over something that is gone has no columns; the other tables still have theirs


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
