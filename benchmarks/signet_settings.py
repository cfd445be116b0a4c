"""Signet's own settings with the benchmark's two views added to its paths."""

from project import settings

vars().update({name: value for name, value in vars(settings).items() if name.isupper()})

ROOT_URLCONF = "benchmarks.signet_urls"
# No page is measured, so no style sheet needs to have been collected.
STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
