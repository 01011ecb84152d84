"""The worker and the scheduler: `celery -A config worker`, `celery -A config beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@worker_init.connect
def offer_metrics(**_: Any) -> None:
    """Serve the metrics of all of this worker's processes, where a port is set."""
    from django.conf import settings
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    port = settings.PARLEY.worker_metrics_port
    if port is not None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        start_http_server(port, addr="0.0.0.0", registry=registry)  # noqa: S104  (inside a container)


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Load the built-in engine's weights before the first question needs them."""
    from apps.queries.engines.builtin.model import default_model

    default_model()
