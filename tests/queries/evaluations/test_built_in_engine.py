"""The built-in engine itself, evaluated: from verified queries to figures with nothing in between replaced."""

import pytest

from apps.queries import engines
from tests.queries.evaluations.conftest import BY_COUNTRY, COUNT, PRODUCTS, Evaluate, Verify

pytestmark = pytest.mark.django_db


def test_it_answers_plain_questions_the_same_in_every_run(
    verify: Verify, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.queries.evaluations.work.propose_readings", engines.propose_readings)
    verify(COUNT, PRODUCTS, BY_COUNTRY)
    summary = evaluate(runs=3).summary
    assert (summary["ex"], summary["precision"]) == (1.0, 1.0)
    assert (summary["runs"], summary["unsteady"], summary["unsteady_sql"]) == (3, 0, 0)
