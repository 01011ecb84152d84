"""Tests: the local services, quick password hashing, no waiting for a worker."""

import re

from config.settings.local import *  # noqa: F403
from config.settings.local import DATABASES, PARLEY, REDIS_URL


def second_database(url: str) -> str:
    """Tests empty their cache; a platform that runs beside them keeps its queue in the first database."""
    return re.sub(r"(\?db=|(?<=\w)/)\d+$", r"\g<1>1", url)


SECRET_KEY = "only-for-tests-" + "x" * 40
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
for _database in DATABASES.values():
    _database["OPTIONS"] = {"application_name": "parley-tests"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": second_database(REDIS_URL),
    }
}
PARLEY = PARLEY.model_copy(update={"source_test_seconds": 0.0})  # tests of the time of failures set it
RATELIMIT_ENABLE = False  # tests of the limits switch it on
