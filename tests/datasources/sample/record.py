"""Record anew what the generator brings forth: run `python -m tests.datasources.sample.record` after changing it.

Reviewing the difference of fingerprints.json is how one sees that the sample changed, and where.
"""

import json
from dataclasses import asdict

from apps.datasources.sample.company import FULL, SMALL, make_company
from apps.datasources.sample.fingerprints import RECORD, fingerprint


def record_fingerprints() -> None:
    """Write rows and digest of each table at both sizes."""
    sizes = {"full": FULL, "small": SMALL}
    record = {
        name: {table: asdict(fingerprint(rows)) for table, rows in make_company(size).items()}
        for name, size in sizes.items()
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    record_fingerprints()
