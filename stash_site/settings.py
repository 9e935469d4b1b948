"""Django settings, from the environment. `stash_memory/config.py` is the only other file that reads it."""

import sys
from pathlib import Path
from typing import Any

from operators.look import UNFOLD  # noqa: F401 - django-unfold's setting
from stash_memory import __version__, config
from stash_memory.config import BadSetting
from stash_memory.exit_codes import WRONG_USE
from stash_site.checked_settings import (
    hosted_backend,
    hosted_database,
    hosts,
    metrics_token,
    origins,
    private_folder,
    secret_file,
    strong_secret,
)
from stash_site.pools import database, hosted_pools, redis_cache, redis_connections, redis_pools, redis_url
from stash_site.proxies import networks

BASE_DIR = Path(__file__).resolve().parent.parent


def stop(error: BadSetting) -> None:
    """End the start with one sentence and no traceback."""
    sys.stderr.write(f"stash: {error}\n")
    sys.exit(WRONG_USE)


try:
    config.read_dotenv()
    STASH_MODE = config.mode()
    HOSTED = STASH_MODE == "hosted"
    STASH_HOME = config.home()
    STASH_SHOW_KEY_ONCE = config.shows_key_once()
    STASH_BACKEND = hosted_backend(config.backend()) if HOSTED else config.backend()
    STASH_WORKERS = config.workers()
    STASH_MAX_TTL = config.limits().max_ttl
    STASH_DEFAULT_TTL = config.limits().default_ttl
    STASH_MAX_PAYLOAD_BYTES = config.limits().payload_bytes
    STASH_BODY_BYTES_IN_FLIGHT = config.whole("STASH_BODY_BYTES_IN_FLIGHT", 1_073_741_824)
    STASH_MAX_MEMORY_BYTES = config.max_memory_bytes()
    pool_urls = redis_pools(config.suffixed("REDIS_URL_"), STASH_BACKEND)
    STASH_LOG_LEVEL = config.choice("STASH_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
    STASH_USAGE = config.switch("STASH_USAGE", "on")
    STASH_LOG_FORMAT = config.choice("STASH_LOG_FORMAT", "json", ("json", "console"))
    STASH_TRUSTED_PROXIES = networks(config.text("STASH_TRUSTED_PROXIES", ""))
    STASH_METRICS_TOKEN = metrics_token(config.text("STASH_METRICS_TOKEN", ""))
    STASH_CORS_ORIGINS = origins(config.text("STASH_CORS_ORIGINS", ""))
    if HOSTED:
        SECRET_KEY = strong_secret(config.text("SECRET_KEY"))
        ALLOWED_HOSTS = hosts(config.text("ALLOWED_HOSTS"))
        DATABASES = {"default": database(hosted_database(config.text("DATABASE_URL")), STASH_HOME)}
        REDIS_URL = redis_url(config.text("REDIS_URL"))
        STASH_POOLS = hosted_pools(pool_urls, REDIS_URL)
    else:
        private_folder(STASH_HOME)
        SECRET_KEY = secret_file(STASH_HOME / "secret_key")
        # Only the admin's pages look at Host, and anyone who reaches the port may open them.
        ALLOWED_HOSTS = ["*"]
        REDIS_URL = redis_url(config.text("REDIS_URL", "redis://localhost:6379"))
        DATABASES = {"default": database(config.text("DATABASE_URL", "sqlite:///site.db"), STASH_HOME)}
        # The local user's tier is in the pool "default".
        STASH_POOLS = {"default": REDIS_URL, **pool_urls} if pool_urls else {}
except BadSetting as error:
    stop(error)

DEBUG = False
ROOT_URLCONF = "stash_site.urls"
WSGI_APPLICATION = "stash_site.wsgi.application"

INSTALLED_APPS = [
    "accounts",
    "storage",
    "upkeep",
    "memories",
    "operators",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # Before the admin, whose templates it replaces. This configuration keeps the default admin site.
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

# Sessions, log-in and CSRF are for pages; requests to the API skip them (stash_site/pages.py).
MIDDLEWARE = [
    "stash_site.proxies.ProxyMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if STASH_CORS_ORIGINS else []),
    "memories.middleware.OperationMiddleware",
    "stash_site.pages.PageSecurityMiddleware",
    "stash_site.pages.PageWhiteNoiseMiddleware",
    "stash_site.pages.PageSessionMiddleware",
    "stash_site.pages.PageCsrfMiddleware",
    "stash_site.pages.PageAuthenticationMiddleware",
    "stash_site.pages.PageMessageMiddleware",
    "stash_site.pages.PageFrameMiddleware",
]
# Django looks for its own names in this list, and misses our subclasses; tests/site/test_pages.py checks them.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.scope.WithinScope"],
    "DEFAULT_THROTTLE_CLASSES": ["memories.throttle.TokenBucketThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # memories/body.py reads bodies, since DRF's request takes a chunked body for an empty one.
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "memories.problems.answer",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
}

# Read at the first request for the document (memories/schema/document.py).
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "stash_site.openapi.Generator",
    "OAS_VERSION": "3.1.0",
    "TITLE": "Stash",
    "VERSION": __version__,
    "POSTPROCESSING_HOOKS": [],
    "SORT_OPERATIONS": False,
}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "stash_site.formats"

STATIC_URL = "static/"
# Hosted mode serves the files that `collectstatic` gathered, local mode those in the packages.
STATIC_ROOT = config.text("STATIC_ROOT", str(BASE_DIR / "static")) if HOSTED else None
WHITENOISE_USE_FINDERS = not HOSTED

# An operator's day. Lax keeps cookies off all requests of other sites' pages, except for followed links.
SESSION_COOKIE_AGE = 12 * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

CACHES: dict[str, Any]
if HOSTED:
    CACHES = {"default": redis_cache(REDIS_URL)}
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # Each process counts for itself, which is enough for one machine's users. Hosted mode counts in Redis.
    SILENCED_SYSTEM_CHECKS += ["django_ratelimit.E003", "django_ratelimit.W001"]
if STASH_BACKEND == "redis":
    for name, url in (STASH_POOLS or {"default": REDIS_URL}).items():
        CACHES[f"memories-{name}"] = redis_connections(url)
X_FRAME_OPTIONS = "DENY"

# django-cors-headers. A page sends its key in a header; cookies never go along, since the API has none.
CORS_URLS_REGEX = r"^/(?!admin/|static/)"
CORS_ALLOW_METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]
CORS_ALLOW_HEADERS = [
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
CORS_PREFLIGHT_MAX_AGE = 7200
CORS_ALLOW_ALL_ORIGINS = "*" in STASH_CORS_ORIGINS
CORS_ALLOWED_ORIGINS = [origin for origin in STASH_CORS_ORIGINS if origin != "*"]

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# These lines are the whole schedule. Nothing is kept between starts, and the file system may be read-only.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # A run expires before the next one is due.
    "purge": {"task": "stash.purge", "schedule": 60.0, "options": {"expires": 55}},
    "roll up": {"task": "stash.roll_up", "schedule": 60.0, "options": {"expires": 55}},
    "heartbeat": {"task": "stash.heartbeat", "schedule": 30.0, "options": {"expires": 25}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"stash_site.logs.{STASH_LOG_FORMAT.capitalize()}Formatter"}},
    "filters": {"unexpected": {"()": "stash_site.logs.Unexpected"}},
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        "stash": {"level": STASH_LOG_LEVEL},
        # memories/trace.py writes a line for each operation; Django's own would repeat it.
        "django.request": {"level": "ERROR", "filters": ["unexpected"]},
        # Otherwise every scanner with a foreign Host header would cause a line with a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
