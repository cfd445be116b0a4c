"""Django settings, all from the environment. Each variable has a line in docs/settings.md."""

import json
import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from accounts.federation import providers

from .environment import BASE_DIR, Environment

env = Environment()

# --- Who we are -------------------------------------------------------------------------------------------------
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.string("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
ENCRYPTION_KEYS = env.encryption_keys("ENCRYPTION_KEYS")
_port = env.integer("PORT", 8000)
# In production no default: a server that takes itself for 127.0.0.1 would sign tokens and mail links with that name.
PUBLIC_URL = env.origin("PUBLIC_URL", f"http://127.0.0.1:{_port}" if DEBUG else None)
PRODUCT_NAME = env.string("PRODUCT_NAME", "Signet")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [_public.hostname or "localhost", *(["localhost", "127.0.0.1"] if DEBUG else [])])
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS", [])

# --- Tokens -----------------------------------------------------------------------------------------------------
API_AUDIENCE = env.string("API_AUDIENCE", PUBLIC_URL)
ACCESS_TOKEN_ALGORITHM = env.choice("ACCESS_TOKEN_ALGORITHM", "ES256", ("ES256", "RS256", "Ed25519"))
ACCESS_TOKEN_LIFETIME = env.span("ACCESS_TOKEN_LIFETIME", timedelta(minutes=10))
REFRESH_IDLE_LIFETIME = env.span("REFRESH_IDLE_LIFETIME", timedelta(days=30))
REFRESH_ABSOLUTE_LIFETIME = env.span("REFRESH_ABSOLUTE_LIFETIME", timedelta(days=180))
REFRESH_RESCUE_WINDOW = env.span("REFRESH_RESCUE_WINDOW", timedelta(seconds=120), longest=timedelta(seconds=600))
REFRESH_RACE_WINDOW = env.span("REFRESH_RACE_WINDOW", timedelta(seconds=10))
REFRESH_STRICT = env.boolean("REFRESH_STRICT", False)
BEARER_IN_BODY = env.boolean("BEARER_IN_BODY", False)
STAFF_SIGN_IN_LIFETIME = env.span("STAFF_SIGN_IN_LIFETIME", timedelta(hours=8))
FRESHNESS_WINDOW = env.span("FRESHNESS_WINDOW", timedelta(minutes=15))
FACTOR_FRESHNESS_WINDOW = env.span("FACTOR_FRESHNESS_WINDOW", timedelta(minutes=5))
SIGNING_KEY_LIFETIME = env.span("SIGNING_KEY_LIFETIME", timedelta(days=90))
DELETION_GRACE_PERIOD = env.span("DELETION_GRACE_PERIOD", timedelta(days=14), longest=timedelta(days=14))
GUEST_SIGN_UP = env.boolean("GUEST_SIGN_UP", True)
EMAIL_CODE_SIGN_IN = env.boolean("EMAIL_CODE_SIGN_IN", True)
REQUIRE_MFA_FOR_STAFF = env.boolean("REQUIRE_MFA_FOR_STAFF", not DEBUG)
MFA_REQUIRED_ROLES = env.words("MFA_REQUIRED_ROLES", [])
MFA_REMEMBERED_FOR = env.span("MFA_REMEMBERED_FOR", timedelta(days=30))
JWKS_MAX_AGE = env.span("JWKS_MAX_AGE", timedelta(minutes=5))
# Fewer than the threads of a server process (`serve.THREADS`): what is left checks tokens (SECURITY S-06).
SIGN_IN_CONCURRENCY = env.integer("SIGN_IN_CONCURRENCY", 10)
FEED_STALE_BUDGET = env.span("FEED_STALE_BUDGET", timedelta(seconds=10))

# --- Passwords --------------------------------------------------------------------------------------------------
PASSWORD_MIN_LENGTH = env.integer("PASSWORD_MIN_LENGTH", 12)
ARGON2_MEMORY_COST = env.integer("ARGON2_MEMORY_COST", 19456)
ARGON2_TIME_COST = env.integer("ARGON2_TIME_COST", 2)
ARGON2_PARALLELISM = env.integer("ARGON2_PARALLELISM", 1)
PASSWORD_HASH_CONCURRENCY = env.integer("PASSWORD_HASH_CONCURRENCY", 2)
BREACHED_PASSWORDS_FILE = env.string("BREACHED_PASSWORDS_FILE", "")
FIREBASE_HASH_CONFIG: Any = env.read("FIREBASE_HASH_CONFIG", {}, json.loads)
PASSWORD_DECOY = env.string("PASSWORD_DECOY", "")
# The first makes hashes. The others verify what an import brought, once: a right password is then hashed by the first.
PASSWORD_HASHERS = [
    "accounts.passwords.hashing.Argon2idHasher",
    "accounts.passwords.legacy.bcrypt.BcryptHasher",
    "accounts.passwords.legacy.firebase.FirebaseScryptHasher",
    "accounts.passwords.legacy.pbkdf2.Pbkdf2Hasher",
    "accounts.passwords.legacy.django_own.DjangoPbkdf2Sha256Hasher",
    "accounts.passwords.legacy.django_own.DjangoPbkdf2Sha1Hasher",
    "accounts.passwords.legacy.django_own.DjangoScryptHasher",
    "accounts.passwords.legacy.django_own.DjangoBcryptSha256Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.policy.LengthValidator"},
    {"NAME": "accounts.passwords.policy.CommonValidator"},
    {"NAME": "accounts.passwords.policy.OwnWordsValidator"},
    {"NAME": "accounts.passwords.breached.BreachedValidator"},
]

# --- Upstream sign-in -------------------------------------------------------------------------------------------
FETCH_ALLOWED_NETWORKS = env.networks("FETCH_ALLOWED_NETWORKS")
FEDERATED_PROVIDERS: dict[str, providers.Provider] = env.read(
    "FEDERATED_PROVIDERS", {}, lambda raw: providers.parse(raw, allow_http=bool(FETCH_ALLOWED_NETWORKS))
)

# --- Passkeys ---------------------------------------------------------------------------------------------------
WEBAUTHN_RP_ID = env.host_name("WEBAUTHN_RP_ID", _public.hostname or "localhost")
WEBAUTHN_ORIGINS = env.origins("WEBAUTHN_ORIGINS", [PUBLIC_URL])
APPLE_APP_IDS = env.apple_app_ids("APPLE_APP_IDS")
ANDROID_APP_FINGERPRINTS = env.android_apps("ANDROID_APP_FINGERPRINTS")

# --- Django -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts",
    "api",
    "accounts.operators.apps.OperatorsConfig",
    "project.apps.ProjectConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "project.middleware.front.FrontMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "project.middleware.pages.Languages",
    # Below those that refusals pass through: readable for other origins, and in the reader's language.
    "project.middleware.refusals.RefusalMiddleware",
    "project.middleware.pages.StaticFiles",
    "project.middleware.doors.DoorMiddleware",
    "project.middleware.pages.Common",
    "project.middleware.pages.Csrf",
    "project.middleware.pages.Cookies",
    "project.middleware.pages.Messages",
]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "project.context.product",
            ]
        },
    }
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["project.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # FrontMiddleware sets these headers, on answers that SecurityMiddleware would not reach too.
    "security.W003",  # project.middleware.pages.Csrf is Django's CsrfViewMiddleware.
    "security.W002",  # FrontMiddleware sets X-Frame-Options and frame-ancestors on every answer.
    "admin.E410",  # The admin signs in by cookie token; there is no SessionMiddleware on purpose (docs/decisions/0001).
]

# --- Database ---------------------------------------------------------------------------------------------------
_database = env.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'signet.sqlite3'}")
if _database["ENGINE"].endswith("sqlite3"):
    # FULL, not NORMAL: an acknowledged sign-out or rotation must survive a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    # A server that vanished must cost a request seconds, not minutes: connecting (s), and on an open connection whatever
    # it does not acknowledge (ms) or answer (keepalives, s). `statement_timeout` bounds a stuck lock.
    # What the URL says too wins, and what it does not say stays: of two `-c` for one parameter PostgreSQL takes the last.
    _chosen = _database.get("OPTIONS", {})
    _options = "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=60000"
    _database["OPTIONS"] = {
        "connect_timeout": 2,
        "tcp_user_timeout": 2000,
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        **_chosen,
        "options": f"{_options} {_chosen.get('options', '')}".rstrip(),
    }
_database["CONN_MAX_AGE"] = None if _database["ENGINE"].endswith("sqlite3") else 300
_database["CONN_HEALTH_CHECKS"] = not _database["ENGINE"].endswith("sqlite3")
# A theft found in a request is committed before its answer is refused; a transaction around requests would forbid that.
_database["ATOMIC_REQUESTS"] = False
DATABASES = {"default": _database}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# --- Browser ----------------------------------------------------------------------------------------------------
SECURE_COOKIES = _public.scheme == "https"
_prefix = "__Host-" if SECURE_COOKIES else ""
COOKIE_NAME = f"{_prefix}signet"
KNOWN_DEVICE_COOKIE_NAME = f"{_prefix}known-device"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *CORS_ALLOWED_ORIGINS]
CSRF_FAILURE_VIEW = "project.errors.csrf_failure"
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "dpop", "idempotency-key", "x-csrftoken", "x-token-transport"]
CORS_EXPOSE_HEADERS = ["WWW-Authenticate", "DPoP-Nonce", "Retry-After", "X-Refresh", "X-Request-Id", "X-CSRFToken"]
CORS_URLS_REGEX = r"^/(auth|api)/.*$"
MESSAGE_STORAGE = "accounts.browser.messages.HostCookieStorage"
# CookieStorage takes its attributes from these names although nothing here is a session.
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0

# --- Mail -------------------------------------------------------------------------------------------------------
vars().update(env.mail("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.string("DEFAULT_FROM_EMAIL", f"{PRODUCT_NAME} <no-reply@{_public.hostname}>")

# --- REST framework ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.browser.authentication.BearerBesideCookieAuthentication",
        # Before the cookie: a link may be opened in a browser that is signed in.
        "accounts.links.authentication.LinkAuthentication",
        "accounts.browser.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.AccessRule"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer", "api.renderers.BrowsableRenderer"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.exceptions.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 25,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ALGORITHM": ACCESS_TOKEN_ALGORITHM,
    "AUTH_HEADER_TYPES": ("Bearer",),
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PRODUCT_NAME} API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "Sign in at `/auth/`, call `/api/v1/` with the access token.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.schema.postprocess"],
}

# --- Operating --------------------------------------------------------------------------------------------------
AUDIT_ORIGIN_RETENTION = env.span("AUDIT_ORIGIN_RETENTION", timedelta(days=90))
METRICS_TOKEN = env.string("METRICS_TOKEN", "")
DEFAULT_EXCEPTION_REPORTER = "project.logs.BareReporter"
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "project.logs.JsonFormatter"}},
    "filters": {"secrets": {"()": "project.logs.SecretFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # Both write what they work with at DEBUG: parameters of queries, the whole context of a template.
        "django.db.backends": {"level": "INFO"},
        "django.template": {"level": "INFO"},
    },
}
env.known.update({"HOST", "PORT", "WORKERS", "DJANGO_SUPERUSER_EMAIL", "DJANGO_SUPERUSER_PASSWORD"})
env.refuse_unknown()
KNOWN_VARIABLES = sorted(env.known)
os.makedirs(BASE_DIR / "var", exist_ok=True)
