"""A metric that nothing feeds is a lie on a dashboard."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from apps.monitoring import metrics

ROOT = Path(__file__).resolve().parents[2]
OURS = [name for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)]
CODE = "".join(path.read_text() for path in (ROOT / "apps").rglob("*.py") if path.name != "metrics.py")


@pytest.mark.parametrize("name", OURS)
def test_every_metric_is_fed_somewhere(name: str) -> None:
    assert re.search(rf"\b{name}(\.labels\([^)]*\))?\.(inc|observe|set)\(", CODE), name


def test_metrics_are_registered_under_our_name() -> None:
    assert all(getattr(metrics, name)._name.startswith("parley_") for name in OURS)
