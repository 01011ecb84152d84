"""Identifiers that sort by time of creation, so that a list can be paged by its key alone."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, 12 of their fraction (6.2, method 3), 62 random.

    The fraction (a quarter of a microsecond) keeps ids of one process in their order within a millisecond.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def is_uuid(text: str) -> bool:
    """True if the text is a UUID of any version."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
