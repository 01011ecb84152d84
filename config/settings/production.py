"""Production: every secret and address comes from the environment, and its absence ends the start."""

from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from apps.common.hosts import HostPolicy
from config.settings.base import *  # noqa: F403
from config.settings.base import broker_from, databases_from, env

PLACEHOLDERS = ("changeme", "change-me", "change_me", "insecure", "placeholder", "password", "example", "only-for")


def required(name: str, value: SecretStr | None) -> str:
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set; production has no default for it.")
    return value.get_secret_value()


def not_a_placeholder(name: str, secret: str) -> str:
    """The secret, if somebody made it up by chance and not by hand."""
    said = next((word for word in PLACEHOLDERS if word in secret.lower()), None)
    if said or len(secret) < 32 or len(set(secret)) < 12:
        raise ImproperlyConfigured(f"{name} is a placeholder or too simple; make one with `openssl rand -base64 48`.")
    return secret


SECRET_KEY = not_a_placeholder("SECRET_KEY", required("SECRET_KEY", env.secret_key))
if not env.credentials_keys:
    raise ImproperlyConfigured("CREDENTIALS_KEYS is not set; data sources' passwords are encrypted with it.")
CREDENTIALS_KEYS = [not_a_placeholder("CREDENTIALS_KEYS", key) for key in env.credentials_keys]
for line in env.jwt_signing_keys:
    not_a_placeholder("JWT_SIGNING_KEYS", line.partition(":")[2])
if not env.allowed_hosts:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set; name the hosts that this installation answers for.")
DATABASES = databases_from(
    required("DATABASE_URL", env.database_url),
    env.database_owner_url.get_secret_value() if env.database_owner_url else None,
)
REDIS_URL = required("REDIS_URL", env.redis_url)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = broker_from(REDIS_URL)
SOURCE_HOSTS = HostPolicy.from_list(env.source_hosts_allowed)
SOURCE_FOLDERS = env.source_folders
METRICS_ARE_OPEN = False

SESSION_COOKIE_SECURE = env.https_only
CSRF_COOKIE_SECURE = env.https_only
if env.https_only:  # a browser takes such a cookie from this very host only, over HTTPS only
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_SSL_REDIRECT = env.https_only
SECURE_REDIRECT_EXEMPT = [r"^api/v1/health"]
SECURE_HSTS_SECONDS = 31_536_000 if env.https_only else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.https_only
SECURE_HSTS_PRELOAD = env.https_only
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.trust_proxy_headers else None
CSRF_TRUSTED_ORIGINS = [env.public_url]
