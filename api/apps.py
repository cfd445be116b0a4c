"""The app `api`."""

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        """The OpenAPI generator finds its extensions by their being imported."""
        import_module("api.credentials")
