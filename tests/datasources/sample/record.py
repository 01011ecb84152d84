"""Record anew what the generator brings forth: run `python -m tests.datasources.sample.record` after changing it.

Reviewing the differences of fingerprints.json and questions.jsonl is how one sees that the sample changed, and where.
With a database's URL as argument (holding the full sample), the expected results of the questions are recorded too.
"""

import json
import sys
from dataclasses import asdict

import psycopg

from apps.datasources.sample.company import FULL, SMALL, make_company
from apps.datasources.sample.fingerprints import RECORD, fingerprint
from tests.datasources.sample.questions import PATH, as_json, read_questions, readings_sql


def record_fingerprints() -> None:
    """Write rows and digest of each table at both sizes."""
    sizes = {"full": FULL, "small": SMALL}
    record = {
        name: {table: asdict(fingerprint(rows)) for table, rows in make_company(size).items()}
        for name, size in sizes.items()
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n")


def record_results(database_url: str) -> None:
    """Write what each question's SQL brings back; the tests hold that against SQL written another way."""
    questions = read_questions()
    with psycopg.connect(database_url) as connection:
        for question in questions:
            results = [as_json(connection.execute(sql).fetchall()) for sql in readings_sql(question)]
            question["expected"] = results if question.get("ambiguous") else results[0]
    lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions]
    PATH.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    record_fingerprints()
    for url in sys.argv[1:]:
        record_results(url)
