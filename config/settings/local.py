"""A developer's machine or a demo: embedded PostgreSQL and Redis unless the environment names others."""

import contextlib
import os
import tempfile

from cryptography.fernet import Fernet
from django.core.management.utils import get_random_secret_key

from apps.common.hosts import HostPolicy
from config.embedded import addresses, admin_url
from config.environment import ROOT
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES, broker_from, databases_from, env


def kept_secret(name: str, made: str) -> str:
    """A secret of this checkout, under var/ for its owner only: made once, also when two processes start at once."""
    path = ROOT / "var" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{name}-") as file:
        file.write(made)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)
    return path.read_text()


_addresses = addresses()
DATABASE_URL = env.database_url.get_secret_value() if env.database_url else _addresses.database_url
OWNER_URL = None if env.database_url else _addresses.owner_database_url
if env.database_owner_url:
    OWNER_URL = env.database_owner_url.get_secret_value()
REDIS_URL = env.redis_url.get_secret_value() if env.redis_url else _addresses.redis_url

SECRET_KEY = env.secret_key.get_secret_value() if env.secret_key else kept_secret("secret_key", get_random_secret_key())
CREDENTIALS_KEYS = env.credentials_keys or [kept_secret("credentials_key", Fernet.generate_key().decode())]
ALLOWED_HOSTS = env.allowed_hosts or ["127.0.0.1", "localhost", "[::1]"]
DATABASES = databases_from(DATABASE_URL, OWNER_URL)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = broker_from(REDIS_URL)
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = ROOT / "var" / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
SOURCE_HOSTS = HostPolicy.from_list(env.source_hosts_allowed or ["localhost", "127.0.0.0/8", "::1/128"])
SOURCE_FOLDERS = env.source_folders or [str(ROOT / "var" / "sources")]
SAMPLE_ADMIN_URL = (OWNER_URL or DATABASE_URL) if env.database_url else admin_url()
METRICS_ARE_OPEN = env.metrics_token is None
