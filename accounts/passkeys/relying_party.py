"""Who we are to authenticators: the RP ID, and the origins whose answers we take (Web Authentication §5.1.7, §13.4.9)."""

import base64
import ipaddress

from django.conf import settings

_RELATIONS = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]


def rp_id() -> str:
    return str(settings.WEBAUTHN_RP_ID)


def has_name() -> bool:
    """False at an IP address: passkeys belong to a name, and browsers make none there (Web Authentication §5.1.3)."""
    try:
        ipaddress.ip_address(rp_id())
    except ValueError:
        return True
    return False


def origins() -> list[str]:
    """Compared byte for byte with what the client says; an Android app's origin is the hash of its certificate."""
    return [*settings.WEBAUTHN_ORIGINS, *(_apk_origin(fingerprint) for _, fingerprint in settings.ANDROID_APP_FINGERPRINTS)]


def related_origins() -> list[str]:
    """Sites on other domains that may use passkeys of ours (Web Authentication §5.11)."""
    return [origin for origin in settings.WEBAUTHN_ORIGINS if origin.startswith("https://")]


def apple_apps() -> dict[str, object]:
    """The document that Apple's systems look for; empty without apps."""
    return {"webcredentials": {"apps": settings.APPLE_APP_IDS}} if settings.APPLE_APP_IDS else {}


def android_apps() -> list[dict[str, object]]:
    """Digital Asset Links: one statement an app, with every certificate that signs it."""
    certificates: dict[str, list[str]] = {}
    for package, fingerprint in settings.ANDROID_APP_FINGERPRINTS:
        certificates.setdefault(package, []).append(fingerprint)
    return [{"relation": _RELATIONS, "target": _android_target(*app)} for app in certificates.items()]


def _android_target(package: str, fingerprints: list[str]) -> dict[str, object]:
    return {"namespace": "android_app", "package_name": package, "sha256_cert_fingerprints": fingerprints}


def _apk_origin(fingerprint: str) -> str:
    digest = bytes.fromhex(fingerprint.replace(":", ""))
    return f"android:apk-key-hash:{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
