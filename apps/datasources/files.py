"""Files that are data sources: found by a path on which nothing is a link, and known by what they are on the disk."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from apps.datasources.errors import SourceUnavailable

_SYSTEM_FOLDERS = ("proc", "sys", "dev")
# Where each engine's mark begins, and the mark. A new SQLite file is empty.
_MARKS = {"sqlite": (0, b"SQLite format 3\x00"), "duckdb": (8, b"DUCK")}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A real file of the right kind; `identity` is its device and inode, which outlast a change of the path."""

    path: str
    identity: str


def check_file(path: str, engine: str) -> CheckedFile:
    """Look at the file itself: no link on its path, no device or pipe, nothing of the kernel's, the right mark.

    Raises SourceUnavailable for whatever is wrong.
    """
    file = Path(path)
    if not file.is_absolute() or ".." in file.parts or file.parts[1:2] in [(name,) for name in _SYSTEM_FOLDERS]:
        raise SourceUnavailable
    try:
        opened = _open_without_following(file)
    except (OSError, ValueError) as error:
        raise SourceUnavailable from error
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode) or not _has_mark(opened, engine, status.st_size):
            raise SourceUnavailable
    finally:
        os.close(opened)
    return CheckedFile(str(file), f"{status.st_dev}:{status.st_ino}")


def _open_without_following(file: Path) -> int:
    """The file opened folder by folder, so that no part of its path can be a link at the moment of opening."""
    folder = os.open(file.anchor, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in file.parts[1:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)


def _has_mark(opened: int, engine: str, size: int) -> bool:
    start, mark = _MARKS[engine]
    return (engine == "sqlite" and size == 0) or os.pread(opened, len(mark), start) == mark
