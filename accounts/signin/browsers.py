"""A short name for a browser, so that its owner recognises it in the list of devices."""

from django.utils.translation import gettext as _

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def name_of(user_agent: str) -> str:
    """`Firefox on Windows`, or `Browser`, in the language of the page. The user agent is only a hint, never evidence."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "Browser")
    system = _system(user_agent)
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def name_of_passkey(user_agent: str) -> str:
    """`Passkey (Firefox on Windows)`, for one whose maker is not known; empty for a browser that is not."""
    return _("Passkey (%(browser)s)") % {"browser": name_of(user_agent)} if is_known(user_agent) else ""


def is_known(user_agent: str) -> bool:
    """Whether its name says more than the make of a browser."""
    return bool(_system(user_agent))


def _system(user_agent: str) -> str:
    return next((name for mark, name in _SYSTEMS if mark in user_agent), "")
