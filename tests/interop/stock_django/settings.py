"""What `startproject` makes, as far as it matters, and what mozilla-django-oidc asks for; the rest is told by the environment."""

import json
import os
import urllib.request
from pathlib import Path

ISSUER = os.environ["STOCK_ISSUER"]
with urllib.request.urlopen(f"{ISSUER}/.well-known/openid-configuration") as answer:
    _told = json.load(answer)

SECRET_KEY = "only-for-tests-" + "z" * 40
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "tests.interop.stock_django.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mozilla_django_oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mozilla_django_oidc.middleware.SessionRefresh",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(os.environ["STOCK_FOLDER"]) / "stock.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

OIDC_RP_CLIENT_ID = os.environ["STOCK_CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["STOCK_CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = os.environ["STOCK_ALGORITHM"]
OIDC_RP_SCOPES = "openid email"
OIDC_TOKEN_USE_BASIC_AUTH = os.environ["STOCK_AUTHENTICATION"] == "client_secret_basic"
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True
OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS = 2
OIDC_OP_AUTHORIZATION_ENDPOINT = _told["authorization_endpoint"]
OIDC_OP_TOKEN_ENDPOINT = _told["token_endpoint"]
OIDC_OP_USER_ENDPOINT = _told["userinfo_endpoint"]
OIDC_OP_JWKS_ENDPOINT = _told["jwks_uri"]
OIDC_OP_LOGOUT_ENDPOINT = _told["end_session_endpoint"]
OIDC_OP_LOGOUT_URL_METHOD = "tests.interop.stock_django.urls.sign_out_at_the_provider"
