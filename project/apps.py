"""The wiring as a Django app: it registers the system checks and trims what runs before a request."""

from django.apps import AppConfig
from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

from . import checks


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Signet"
    # The import above registers them; the reference keeps it from looking unused.
    checks_tag = checks.TAG

    def ready(self) -> None:
        """Receivers that would run for nothing before and after every request."""
        # There is no cache; and the URLconf is set anew when the next request begins.
        request_finished.disconnect(close_caches)
        request_finished.disconnect(reset_urlconf)
        if not settings.DEBUG:
            # It empties the log of queries, which is only kept under DEBUG.
            request_started.disconnect(reset_queries)
            # It runs at the end of every request too, and asks there for a health check before the next query.
            request_started.disconnect(close_old_connections)
