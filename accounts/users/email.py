"""E-mail addresses: normalised once, so that one person has one spelling."""

import unicodedata


def normalise(address: str) -> str:
    """NFKC, casefolded, without surrounding space or a trailing dot (SECURITY E-06)."""
    return unicodedata.normalize("NFKC", address).strip().casefold().rstrip(".")
