"""What apps call their platform, as people read it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_NAMES: dict[str, str | Promise] = {"ios": "iOS", "android": "Android", "browser": _("Browser"), "web": _("Browser")}


def named(platform: str) -> str | Promise:
    """Another one as the app said it."""
    return _NAMES.get(platform.lower(), platform)
