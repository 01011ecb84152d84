"""Tests: the local services, quick password hashing, no waiting for a worker."""

from config.settings.local import *  # noqa: F403
from config.settings.local import DATABASES, REDIS_URL

SECRET_KEY = "only-for-tests-" + "x" * 40
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
DATABASES["default"]["OPTIONS"] = {"application_name": "parley-tests"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "parley-tests",
    }
}
RATELIMIT_ENABLE = False  # tests of the limits switch it on
