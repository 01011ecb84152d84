"""Tests: the local services, quick password hashing, no waiting for a worker."""

import os
import re

from config.settings.local import *  # noqa: F403
from config.settings.local import DATABASES, PARLEY, REDIS_URL


def own_database(url: str) -> str:
    """Tests empty their cache: each of the processes that share them has a database of its own, beside the first, in
    which a platform keeps its queue.
    """
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15
    return re.sub(r"(\?db=|(?<=\w)/)\d+$", rf"\g<1>{number}", url)


SECRET_KEY = "only-for-tests-" + "x" * 40
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
for _database in DATABASES.values():
    _database["OPTIONS"]["application_name"] = "parley-tests"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": own_database(REDIS_URL),
    }
}
# Tests of the time of failures and of the breaker set these: ports of servers that failed are used again.
PARLEY = PARLEY.model_copy(update={"source_test_seconds": 0.0, "model_circuit_open_seconds": 0.0})
RATELIMIT_ENABLE = False  # tests of the limits switch it on
