"""Delete what has run out: codes, requests, secrets after their overlap."""

from . import clients, codes, device_codes, waiting


def sweep() -> dict[str, int]:
    """How many rows of each went."""
    return {
        "authorization_codes": codes.sweep(),
        "authorization_requests": waiting.sweep(),
        "device_authorizations": device_codes.sweep(),
        "client_secrets": clients.sweep(),
    }
