"""As small as a Django project gets. What belongs to Signet stands at the end."""

import os
from pathlib import Path

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["shop.localhost", "127.0.0.1"]
ROOT_URLCONF = "examples.sso.shop.urls"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
# A signed cookie, so that this example needs no database.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "shop", "shop-csrf"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

URL = os.environ["URL"]
BOARD = os.environ["BOARD"]
NOTES = os.environ["NOTES"]
ISSUER = os.environ["ISSUER"]
AUTHLIB_OAUTH_CLIENTS = {
    "signet": {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]},
}
