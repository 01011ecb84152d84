"""PostgreSQL's own parser, as the C library libpg_query in the wheel of `postgast`.

Bound here directly, because the wheel's own interface goes through protobuf, which stops at 100 levels of nesting.
Three of its functions are all we need: text to tree, text to the same text written anew, and tree to text.
"""

import ctypes
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_LIBRARY_SUFFIXES = (".so", ".dylib", ".dll")


class ParseFailed(Exception):
    """PostgreSQL does not read this text; the message is its own and may quote the text."""


class _Error(ctypes.Structure):
    _fields_ = [
        ("message", ctypes.c_char_p),
        ("funcname", ctypes.c_char_p),
        ("filename", ctypes.c_char_p),
        ("lineno", ctypes.c_int),
        ("cursorpos", ctypes.c_int),
        ("context", ctypes.c_char_p),
    ]


class _Json(ctypes.Structure):
    _fields_ = [
        ("tree", ctypes.c_char_p),
        ("stderr", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    ]


class _Bytes(ctypes.Structure):
    _fields_ = [("length", ctypes.c_size_t), ("data", ctypes.c_void_p)]


class _Protobuf(ctypes.Structure):
    _fields_ = [
        ("tree", _Bytes),
        ("stderr", ctypes.c_char_p),
        ("error", ctypes.POINTER(_Error)),
    ]


class _Text(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char_p), ("error", ctypes.POINTER(_Error))]


@cache
def folder_of_library() -> Path:
    """Where the wheel keeps the library, and beside it the description of its trees."""
    package = find_spec("postgast")
    if package is None or package.origin is None:
        raise ImportError("postgast is not installed")
    return Path(package.origin).parent


@cache
def _library() -> ctypes.CDLL:
    folder = folder_of_library()
    library = ctypes.CDLL(str(next(file for file in folder.iterdir() if file.suffix in _LIBRARY_SUFFIXES)))
    for name, result, arguments in (
        ("pg_query_parse", _Json, [ctypes.c_char_p]),
        ("pg_query_parse_protobuf", _Protobuf, [ctypes.c_char_p]),
        ("pg_query_deparse_protobuf", _Text, [_Bytes]),
        ("pg_query_free_parse_result", None, [_Json]),
        ("pg_query_free_protobuf_parse_result", None, [_Protobuf]),
        ("pg_query_free_deparse_result", None, [_Text]),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


# Fields that say where in the text something stood. A quote inside of a string is escaped, so no string looks like one.
_PLACE = (
    rb'"(?:location|list_start|list_end|name_location|rexpr_list_start|rexpr_list_end|stmt_location|stmt_len)":-?\d+'
)
_PLACES = re.compile(rb"," + _PLACE + rb"|" + _PLACE + rb",?")


def parse(sql: str, *, with_places: bool = False) -> list[dict[str, Any]]:
    """The statements of this text as libpg_query's JSON trees, equal where they mean the same; `with_places` adds where
    in the text each part stood. Raises ParseFailed."""
    library = _library()
    result = library.pg_query_parse(sql.encode())
    try:
        _raise(result.error)
        statements: list[dict[str, Any]] = json.loads(
            result.tree if with_places else _PLACES.sub(b"", result.tree)
        ).get("stmts", [])
        return statements
    finally:
        library.pg_query_free_parse_result(result)


def write_anew(sql: str) -> str:
    """The same statement, written from its tree: no comments, one spelling. Raises ParseFailed."""
    library = _library()
    parsed = library.pg_query_parse_protobuf(sql.encode())
    try:
        _raise(parsed.error)
        return _deparse(parsed.tree)
    finally:
        library.pg_query_free_protobuf_parse_result(parsed)


def write(tree: bytes) -> str:
    """The text of a tree that `postgres_writing` encoded. Raises ParseFailed."""
    buffer = ctypes.create_string_buffer(tree, len(tree))
    return _deparse(_Bytes(len(tree), ctypes.cast(buffer, ctypes.c_void_p)))


def _deparse(tree: _Bytes) -> str:
    library = _library()
    written = library.pg_query_deparse_protobuf(tree)
    try:
        _raise(written.error)
        text: bytes = written.text
        return text.decode()
    finally:
        library.pg_query_free_deparse_result(written)


def _raise(error: Any) -> None:
    if error:
        raise ParseFailed((error.contents.message or b"").decode("utf-8", "replace"))
