"""The oldest dependency versions Signet runs on, and packages it does not run beside (SECURITY Y-09).

Data with a date. A floor is the release that repaired the latest advisory that concerns us; where a package keeps several
series alive, each has its own floor. Checked at every start and by `manage.py check`.
"""

import re
from collections.abc import Callable
from datetime import date
from importlib.metadata import PackageNotFoundError, version

REVIEWED = date(2026, 11, 28)

REQUIRED: dict[str, tuple[str, ...]] = {
    "Django": ("5.2.18", "6.0.9", "6.1.2"),
    "djangorestframework": ("3.18.2",),
    "djangorestframework-simplejwt": ("5.5.1",),
    "PyJWT": ("2.15.1",),
    "joserfc": ("1.7.4",),
    "cryptography": ("50.0",),
    "granian": ("2.8.7",),
}
IF_PRESENT: dict[str, tuple[str, ...]] = {"oauthlib": ("4.0.1",), "Authlib": ("1.9.1",)}
FORBIDDEN: dict[str, str] = {
    "python-jose": "it confuses algorithms and is no longer repaired",
    "django-allauth": "it cannot work without a server-side session",
    "django-oauth-toolkit": "its sign-in state is a server-side session",
}
_PART = re.compile(r"(\d+(?:\.\d+)*)(a|b|rc|\.dev)?")


def find_version(package: str) -> str | None:
    """The installed version, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def problems(installed: Callable[[str], str | None] = find_version) -> list[str]:
    """A sentence for each package that is too old, missing, or must not be there."""
    found = [_judged(name, installed(name), floors) for name, floors in REQUIRED.items()]
    found += [_judged(name, present, floors) for name, floors in IF_PRESENT.items() if (present := installed(name))]
    found += [f"{name} {present} is installed: {why}." for name, why in FORBIDDEN.items() if (present := installed(name))]
    return [sentence for sentence in found if sentence]


def is_new_enough(present: str, floors: tuple[str, ...]) -> bool:
    """At or above the floor of its own series (major.minor), or above every series."""
    found = _parsed(present)
    parsed = sorted(_parsed(floor) for floor in floors)
    own = [floor for floor in parsed if floor[:2] == found[:2]]
    return found >= (own[0] if own else parsed[-1])


def _judged(name: str, present: str | None, floors: tuple[str, ...]) -> str:
    if present is None:
        return f"{name} is not installed."
    if is_new_enough(present, floors):
        return ""
    return f"{name} {present} is older than {' / '.join(floors)}, which repairs a known weakness."


def _parsed(text: str) -> tuple[int, ...]:
    """Numbers to compare; a pre-release counts as older than its release."""
    match = _PART.match(text)
    if match is None:
        return (0,)
    numbers = [int(part) for part in match[1].split(".")]
    return (*numbers, *[0] * (4 - len(numbers)), -1 if match[2] else 0)
