"""Settings of one rival (`RIVAL`): what `startproject` writes, the rival's own lines, Signet's database settings."""

import os
from datetime import timedelta
from importlib import import_module

# `startproject` wrote this module into a temporary folder at the start of the run, so it is stock by construction.
_stock = import_module("stock.settings")
vars().update({name: value for name, value in vars(_stock).items() if name.isupper()})

RIVAL = os.environ["RIVAL"]
_AUTHENTICATION = {
    "simplejwt_stateless": "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication",
    "simplejwt": "rest_framework_simplejwt.authentication.JWTAuthentication",
    "drf_token": "rest_framework.authentication.TokenAuthentication",
    "knox": "knox.auth.TokenAuthentication",
}
_APPS = {
    "simplejwt_stateless": ["rest_framework_simplejwt"],
    "simplejwt": ["rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"],
    "drf_token": ["rest_framework.authtoken"],
    "knox": ["knox"],
    "oauth_toolkit": ["oauth2_provider"],
}
# The seeding process makes one database with the tables of all rivals; each then gets its own copy of the file.
_apps = sorted({app for apps in _APPS.values() for app in apps}) if RIVAL == "all" else _APPS[RIVAL]

SECRET_KEY = os.environ["RIVAL_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [*_stock.INSTALLED_APPS, "rest_framework", *_apps]
ROOT_URLCONF = "benchmarks.rivals.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["RIVAL_DATABASE"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [_AUTHENTICATION.get(RIVAL, _AUTHENTICATION["simplejwt"])],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
SIMPLE_JWT = {
    # Longer than the run; the length of a life costs nothing.
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}
