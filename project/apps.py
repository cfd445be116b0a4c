"""The wiring as a Django app: it registers the system checks."""

from django.apps import AppConfig

from . import checks


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Signet"
    # The import above registers them; the reference keeps it from looking unused.
    checks_tag = checks.TAG
