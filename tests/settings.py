"""Settings of the tests: fixed secrets, cheap hashes, a database file (threads need one) or `TEST_DATABASE_URL`."""

import base64
import os

os.environ["SIGNET_ENV_FILE"] = "tests/no.env"
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("ENCRYPTION_KEYS", base64.urlsafe_b64encode(b"k" * 32).decode())
os.environ.setdefault("PUBLIC_URL", "http://testserver")
os.environ.setdefault("ARGON2_MEMORY_COST", "64")
os.environ.setdefault("ARGON2_TIME_COST", "1")
os.environ.setdefault("SIGN_IN_CONCURRENCY", "200")
os.environ.setdefault("REQUIRE_MFA_FOR_STAFF", "false")
os.environ.setdefault("FEDERATED_PROVIDERS", '{"google": {"client_ids": ["tests"]}}')
os.environ.setdefault("CORS_ALLOWED_ORIGINS", "https://app.example.org")
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from project.settings import *  # noqa: F403
from project.settings import BASE_DIR, DATABASES

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / f"test-{os.environ.get('SIGNET_TEST_DB', 'main')}.sqlite3")}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = []
WHITENOISE_AUTOREFRESH = True
