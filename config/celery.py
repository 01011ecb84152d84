"""The worker and the scheduler: `celery -A config worker`, `celery -A config beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_init, worker_process_init, worker_shutting_down
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


THREADED = "models@"  # how the worker's name begins that serves questions to models with threads
COMPUTING_AT_ONCE = 4  # threads; the others wait, for models, for customers' databases or for their turn
POOL_WAIT_SECONDS = 60  # of a thread for our database: hundreds may begin at the same moment


@celeryd_init.connect
def fit_threads(sender: str, conf: Any, **_: Any) -> None:
    """As many threads as may wait for models at once, which share few connections to our database."""
    from django.conf import settings

    from apps.common.turns import TURNS

    if sender.startswith(THREADED):
        conf.worker_concurrency = settings.PARLEY.model_questions_at_once
        TURNS.limit_to(COMPUTING_AT_ONCE)
        settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = POOL_WAIT_SECONDS


@worker_shutting_down.connect
def end_threads_in_time(sender: str, **_: Any) -> None:
    """Threads have no time limit: what is not done in a while goes to another worker."""
    from django.conf import settings

    from apps.queries.work.workers import end_in_time

    if sender.startswith(THREADED):
        end_in_time(settings.PARLEY.worker_grace_seconds)


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
