"""Writes a changed PostgreSQL parse tree as text, with libpg_query's own writer.

The library reads trees as protobuf. Python's protobuf stops at 100 levels of nesting, so the few lines that turn the
JSON tree into those bytes are here: from the last byte to the first, so that every length is known when it is written.
"""

from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2

from apps.datasources.guard import libpg_query

Node = dict[str, Any]

_PACKAGE = ".pg_query."
_SMALL = [bytes([number]) for number in range(0x80)]


class _Kind(Enum):
    MESSAGE = "message"
    TEXT = "text"
    NUMBER = "number"
    NAMED_NUMBER = "named number"


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field of a message is written; `holds` names the message or the enumeration in it."""

    tag: bytes
    kind: _Kind
    holds: str = ""


@dataclass(frozen=True, slots=True)
class _Format:
    """What libpg_query says its trees consist of: fields by message and JSON name, numbers by enumeration and name."""

    messages: dict[str, dict[str, _Field]] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)


def write_tree(select: Node) -> str:
    """The text of this SelectStmt. Raises ParseFailed for what the library cannot write."""
    try:
        return libpg_query.write(_encoded({"stmts": [{"stmt": {"SelectStmt": select}}]}))
    except (KeyError, TypeError, AttributeError) as error:
        raise libpg_query.ParseFailed("the tree is not one of the library's") from error


def _encoded(tree: Node) -> bytes:
    """The tree as the bytes of a ParseResult."""
    layout = _layout()
    chunks: list[bytes] = []
    size = 0
    stack: list[tuple[_Field, Any, int]] = _fields(layout.messages["ParseResult"], tree)
    while stack:
        one, value, end = stack.pop()
        if end >= 0:  # all inside this message is written
            chunk = one.tag + _varint(size - end)
        elif one.kind is _Kind.MESSAGE:
            stack.append((one, None, size))
            stack += _fields(layout.messages[one.holds], value)
            continue
        elif one.kind is _Kind.TEXT:
            text = value.encode()
            chunk = one.tag + _varint(len(text)) + text
        else:
            number = layout.numbers[one.holds][value] if one.kind is _Kind.NAMED_NUMBER else int(value)
            chunk = one.tag + _varint(number)
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(reversed(chunks))


def _fields(known: dict[str, _Field], message: Node) -> list[tuple[_Field, Any, int]]:
    """The fields of one message, in order, each item of a list on its own; -1 marks what is still to be written."""
    found = []
    for name, value in message.items():
        one = known[name]
        found += [(one, item, -1) for item in value] if isinstance(value, list) else [(one, value, -1)]
    return found


def _varint(number: int) -> bytes:
    """Protobuf's variable-length number; a negative one is its 64-bit complement."""
    if 0 <= number <= 0x7F:
        return _SMALL[number]
    if number < 0:
        number += 1 << 64
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


@cache
def _layout() -> _Format:
    description = descriptor_pb2.FileDescriptorSet()
    description.ParseFromString((libpg_query.folder_of_library() / "pg_query.desc").read_bytes())
    layout = _Format()
    for file in description.file:
        for enum in file.enum_type:
            layout.numbers[enum.name] = {value.name: value.number for value in enum.value}
        for message in file.message_type:
            layout.messages[message.name] = {one.json_name: _field(one) for one in message.field}
    return layout


def _field(described: Any) -> _Field:
    types = descriptor_pb2.FieldDescriptorProto
    holds = described.type_name.removeprefix(_PACKAGE)
    if described.type == types.TYPE_MESSAGE:
        return _Field(_varint(described.number << 3 | 2), _Kind.MESSAGE, holds)
    if described.type == types.TYPE_STRING:
        return _Field(_varint(described.number << 3 | 2), _Kind.TEXT)
    if described.type == types.TYPE_ENUM:
        return _Field(_varint(described.number << 3), _Kind.NAMED_NUMBER, holds)
    return _Field(_varint(described.number << 3), _Kind.NUMBER)
