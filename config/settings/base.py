"""Settings that hold everywhere. What differs stands in local, test and production."""

import os
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF
from django.templatetags.static import static
from psycopg.conninfo import conninfo_to_dict

from config.environment import ROOT, read_environment

env = read_environment()

# Several processes feed one set of counters; prometheus_client reads this when it is first imported.
env.metrics_folder.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(env.metrics_folder))

from config.logging import logging_config  # noqa: E402  (imports prometheus_client's users)


def database_from(url: str) -> dict[str, Any]:
    """Django's settings for a libpq address; pooled, checked when taken, recycled."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "apps.accounts.postgresql",
        "NAME": parts.get("dbname", "parley"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **{key: value for key, value in parts.items() if key in ("sslmode", "sslrootcert", "connect_timeout")},
            "application_name": "parley",
            "pool": {
                "min_size": 1,
                "max_size": env.database_pool_size + env.database_pool_overflow,
                "timeout": 3,  # shorter than a load balancer's patience: a thread that waits serves nobody
                "max_idle": 300,
                "max_lifetime": 3600,
            },
        },
    }


def databases_from(running_url: str, owner_url: str | None) -> dict[str, Any]:
    """The database as the role that runs the platform and as the role that owns the tables; the two may be one."""
    databases = {"default": database_from(running_url), "owner": database_from(owner_url or running_url)}
    databases["owner"]["OPTIONS"].pop("pool")  # it migrates and goes
    return databases


def broker_from(url: str) -> str:
    """Celery's spelling of a Redis address: kombu wants its own scheme for a Unix socket."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


BASE_DIR = ROOT
DEBUG = env.debug
ALLOWED_HOSTS = env.allowed_hosts
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LANGUAGE_CODE = "en"
TIME_ZONE = env.time_zone
USE_TZ = True

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.common",
    "apps.accounts",
    "apps.monitoring",
    "apps.llm",
    "apps.datasources",
    "apps.knowledge",
    "apps.clarification",
    "apps.queries",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "apps.monitoring.middleware.CorrelationMiddleware",
    "apps.accounts.middleware.RowScopeMiddleware",
    "apps.accounts.middleware.RateLimitHeadersMiddleware",
    # what every answer carries, also a file's or an error's
    "apps.common.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.common.middleware.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    # what may come in
    "apps.common.middleware.AddressLimitMiddleware",
    "apps.common.middleware.BodyLimitMiddleware",
    "apps.common.middleware.ApiSlashMiddleware",
    # who it is
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.proxy.ProxyUserMiddleware",
    "apps.accounts.middleware.AdminScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.monitoring.middleware.RequestLogMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.common.api_docs.is_offered",
            ],
        },
    },
]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
PASSWORD_RESET_TIMEOUT = 3600

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if env.mail_host else 'dummy'}.EmailBackend"
EMAIL_HOST = env.mail_host or ""
EMAIL_PORT = env.mail_port
EMAIL_HOST_USER = env.mail_username
EMAIL_HOST_PASSWORD = env.mail_password.get_secret_value() if env.mail_password else ""
EMAIL_USE_TLS = env.mail_security == "starttls"
EMAIL_USE_SSL = env.mail_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.mail_from

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# What a browser may do with our pages. Nothing comes from elsewhere; charts are images that we draw.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.refresh_token_days * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script of ours reads the cookie
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
CORS_ALLOWED_ORIGINS = env.cors_allowed_origins
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = (
    "accept", "authorization", "content-type", "idempotency-key", "prefer", "x-api-key", "x-organization",
    "x-request-id",
)  # fmt: skip
CORS_EXPOSE_HEADERS = (
    "x-request-id", "x-response-time", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
    "ratelimit", "ratelimit-policy",
    "retry-after", "location",
)  # fmt: skip
DATA_UPLOAD_MAX_MEMORY_SIZE = env.max_body_bytes

UNFOLD = {
    "SITE_TITLE": "Parley",
    "SITE_HEADER": "Parley",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("img/parley.svg")}],
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.ApiKeyAuthentication",
        "apps.accounts.authentication.AccessTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.common.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.common.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.common.envelope.exception_handler",
    "PAGE_SIZE": 20,
    "UNICODE_JSON": False,  # lone surrogates that we quote back stay escaped, as UTF-8 cannot hold them
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SIMPLE_JWT = {  # algorithm, keys, issuer and audience are those of apps.accounts.tokens
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.access_token_minutes),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.refresh_token_days),
    "AUTH_TOKEN_CLASSES": ("apps.accounts.tokens.AccessToken",),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley",
    "DESCRIPTION": "Ask your databases in plain language.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"ModelRoleEnum": "apps.llm.shapes.ROLES"},  # what a model is for, not what a member may
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.common.openapi.describe_errors",
    ],
}

RATELIMIT_ENABLE = env.rate_limits_enabled
RATELIMIT_USE_CACHE = "default"

CELERY_TASK_DEFAULT_QUEUE = "questions"
CELERY_TASK_ROUTES = {
    "apps.queries.tasks.answer_query_task": {"queue": "questions"},  # or model_questions: apps.queries.work.queues
    "apps.accounts.tasks.*": {"queue": "upkeep"},
    "apps.llm.tasks.grade_model_task": {"queue": "upkeep"},
    "apps.queries.tasks.sweep_queries": {"queue": "upkeep"},
    "apps.queries.tasks.expire_clarifications_task": {"queue": "upkeep"},
    "apps.queries.tasks.sweep_evaluations_task": {"queue": "upkeep"},
    "apps.queries.tasks.prune_conversations_task": {"queue": "upkeep"},
    "apps.queries.tasks.prune_prompts_task": {"queue": "upkeep"},
    "apps.queries.tasks.evaluate_task": {"queue": "evaluations"},
}
CELERY_TASK_ACKS_LATE = False  # the row is the truth: the sweeper rings again for what a dead worker had taken
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_POOL_LIMIT = 50
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 1}
CELERY_BEAT_SCHEDULE = {
    "sweep-queries": {"task": "apps.queries.tasks.sweep_queries", "schedule": 5.0},
    "expire-clarifications": {"task": "apps.queries.tasks.expire_clarifications_task", "schedule": 60.0},
    "prune-conversations": {"task": "apps.queries.tasks.prune_conversations_task", "schedule": 3600.0},
    "prune-prompts": {"task": "apps.queries.tasks.prune_prompts_task", "schedule": 3600.0},
    "sweep-evaluations": {"task": "apps.queries.tasks.sweep_evaluations_task", "schedule": 15.0},
}

PROMETHEUS_EXPORT_MIGRATIONS = False
LOGGING = logging_config(level=env.log_level, output=env.log_format)
LOGGING_CONFIG = "config.logging.configure"

# Ours, read as settings.PARLEY.<name>
PARLEY = env

from config.celery import app as celery_app  # noqa: E402, F401  (tasks bind to it, in every process)
