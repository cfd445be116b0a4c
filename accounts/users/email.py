"""E-mail addresses: normalised once, so that one person has one spelling, and none that passes for another's."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

_SHAPE = EmailValidator(_("Enter a valid e-mail address."))


def normalise(address: str) -> str:
    """NFKC, casefolded, without surrounding space or a trailing dot, the host in its ASCII form (SECURITY E-06, L-19).

    What is no address at all stays as it is, and is nobody's.
    """
    folded = unicodedata.normalize("NFKC", address).strip().casefold().rstrip(".")
    local, at, host = folded.rpartition("@")
    try:
        return f"{local}{at}{host.encode('idna').decode('ascii')}"
    except UnicodeError:
        return folded


def acceptable(address: str) -> str:
    """The normalised form of an address that a new account may have. Raises Django's `ValidationError`.

    ASCII before the @, no quoting, one @, and a host name that IDNA knows; a host in another script is kept as its `xn--` form,
    so that look-alikes are seen for what they are (SECURITY L-04, L-19).
    """
    canonical = normalise(address)
    local = canonical.rpartition("@")[0]
    if not canonical.isascii() or '"' in local or "@" in local or len(canonical) > 254:
        raise ValidationError(_SHAPE.message, code="invalid")
    _SHAPE(canonical)
    return canonical


def masked(address: str) -> str:
    """Enough for its owner to recognise it: `a…@example.com`."""
    local, at, host = address.rpartition("@")
    return f"{local[:1]}…{at}{host}"
