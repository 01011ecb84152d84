"""How a restricted table is read, as text of its dialect: the visible columns, masked where the policy says so.

Every part is a quoted name, a mask of the closed list or the policy's own condition; the parsers judge the outcome.
"""

from apps.datasources.access import Mask, MaskKind, Restriction
from apps.datasources.guard.errors import Refusal, UnsafeSql

# Nothing is pushed below a limit, so no part of a question sees a row before the row filter did; see decision 0105.
_BARRIER = "LIMIT 9223372036854775807"
_BARRIERS = {"postgres": "OFFSET 0"}
_QUOTES = {"mysql": ("`", "`"), "bigquery": ("`", "`"), "tsql": ("[", "]")}
_TEXT_TYPES = {"mysql": "CHAR", "tsql": "NVARCHAR(4000)", "bigquery": "STRING"}
_HASHES = {
    "postgres": "encode(sha256(convert_to({salt} || {text}, 'UTF8')), 'hex')",
    "mysql": "sha2(concat({salt}, {text}), 256)",
    "duckdb": "sha256({salt} || {text})",
    "snowflake": "sha2({salt} || {text}, 256)",
}
_SHORTEST_TAIL = 4
_MOST_BYTES = 1024 * 1024


def can_mask(kind: MaskKind, dialect: str) -> bool:
    """Whether this dialect has a function for this mask (SQLite, for one, has no hash)."""
    return kind is not MaskKind.HASH or dialect in _HASHES


def read_text(restriction: Restriction, dialect: str, condition: str) -> str:
    """SELECT of the visible columns of one table where `condition` holds; no condition lets all rows through.

    `condition` stands for the restriction's own, with its values named in the way that the parser takes them.
    """
    masks = dict(restriction.masks)
    columns = ", ".join(_column(name, masks.get(name), dialect) for name in restriction.columns)
    parts = [part for part in (restriction.namespace, restriction.table) if part]
    table = ".".join(quoted(part, dialect) for part in parts)
    text = f"SELECT {columns} FROM {table}"  # noqa: S608 - it is judged like all text
    if not condition and not restriction.shows_no_rows:
        return text
    where = "1 = 0" if restriction.shows_no_rows else f"(\n{condition}\n)"
    return f"{text} WHERE {where} {_BARRIERS.get(dialect, _BARRIER)}"


def check_length(text: str) -> None:
    """Raise UnsafeSql where a table named again and again makes the text huge once its policy is written in."""
    if len(text) > _MOST_BYTES:
        raise UnsafeSql(Refusal.TOO_LONG, "The SQL is too long once it is written out.")


def quoted(name: str, dialect: str) -> str:
    """A name as an identifier that means exactly it."""
    opening, closing = _QUOTES.get(dialect, ('"', '"'))
    return f"{opening}{name.replace(closing, closing * 2)}{closing}"


def _column(name: str, mask: Mask | None, dialect: str) -> str:
    column = quoted(name, dialect)
    if mask is None and dialect != "tsql":  # sqlglot's T-SQL names every column of a sub-select anew
        return column
    return f"{_masked(column, mask, dialect) if mask else column} AS {column}"


def _masked(column: str, mask: Mask, dialect: str) -> str:
    text = f"CAST({column} AS {_TEXT_TYPES.get(dialect, 'TEXT')})"
    match mask.kind:
        case MaskKind.NULL:
            return f"CASE WHEN 1 = 0 THEN {column} END"  # keeps the column's type
        case MaskKind.FIXED:
            return f"CAST({_string(mask.text, dialect)} AS {_TEXT_TYPES.get(dialect, 'TEXT')})"
        case MaskKind.LAST_FOUR:
            return _tail(text, dialect)
        case MaskKind.HASH if dialect in _HASHES:
            return _HASHES[dialect].format(salt=_string(mask.text, dialect), text=text)
    raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The mask {mask.kind} does not exist in this dialect.")


def _tail(text: str, dialect: str) -> str:
    """The last four characters after stars; a value that has no more than those shows none of them."""
    length = "len" if dialect == "tsql" else "length"
    tail = f"substr({text}, -4)" if dialect in ("sqlite", "bigquery", "trino") else f"right({text}, 4)"
    stars = f"concat('****', {tail})" if dialect in ("mysql", "tsql") else f"'****' || {tail}"
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {length}({text}) > {_SHORTEST_TAIL} THEN {stars} ELSE '****' END"


def _string(text: str, dialect: str) -> str:
    """A string of the policy's author; `checking` lets no backslash in, which dialects read differently."""
    if "\\" in text:
        raise UnsafeSql(Refusal.FORBIDDEN_CHARACTER, "A mask's text holds a backslash.")
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if dialect != "bigquery" else "'" + text.replace("'", "\\'") + "'"
