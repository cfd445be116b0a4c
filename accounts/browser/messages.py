"""One-time notes on pages, in a signed cookie of our own name: Django's default name could be planted by a sibling host."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class HostCookieStorage(CookieStorage):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cookie_name = f"{'__Host-' if settings.SECURE_COOKIES else ''}messages"
