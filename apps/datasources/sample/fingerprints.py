"""What the generator must bring forth, on every machine: rows and digest of each table, recorded in fingerprints.json.

A change to the data is a change to that file (`python -m tests.datasources.sample.record`), and so a new version.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apps.datasources.sample.rows import Row, digest_text, rows_text

RECORD = Path(__file__).with_name("fingerprints.json")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Number of rows of a table and the digest of their text."""

    rows: int
    digest: str


Fingerprints = Mapping[str, Fingerprint]


def recorded_fingerprints(size: str) -> Fingerprints:
    """The fingerprints of all tables at that size, "full" or "small"."""
    record = json.loads(RECORD.read_text())[size]
    return {table: Fingerprint(entry["rows"], entry["digest"]) for table, entry in record.items()}


def fingerprint(rows: list[Row]) -> Fingerprint:
    """The fingerprint of these rows."""
    return Fingerprint(len(rows), digest_text(rows_text(rows)))


def version_of(fingerprints: Fingerprints, statements: Iterable[str]) -> str:
    """Changes when a row does, or a statement that makes the tables; known without making a single row."""
    text = repr(sorted((table, one.rows, one.digest) for table, one in fingerprints.items())) + "\n".join(statements)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
