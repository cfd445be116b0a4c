"""System checks of our own. Ids are stable; each says what to set. Production does not start while one of the errors stands.

`manage.py check --deploy --fail-level WARNING` shows them together with Django's. Those about production are silent while
`DEBUG` is true.
"""

import base64
import binascii
import difflib
import hashlib
import ipaddress
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error, Warning, register, run_checks

from accounts.passwords import breached
from accounts.passwords.legacy import firebase, recognise

from . import floors

TAG = "signet"
_NEW_SECRET = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
_NEW_KEY = "Make one: python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
_PLACEHOLDERS = ("django-insecure-", "change-me", "changeme", "secret")
_LONGEST_ACCESS = timedelta(hours=1)
_LONGEST_RESCUE = timedelta(minutes=10)
_LONGEST_STALE = timedelta(minutes=1)
# Short names are everybody's: HOST and HOSTNAME, PORT and PORTS.
_SHORTEST_NAME, _ALIKE = 7, 0.88


def require_sound() -> None:
    """For the application's start: ends the process with the sentences that say what to set."""
    found = run_checks(tags=[TAG], include_deployment_checks=True)
    if wrong := [message for message in found if message.is_serious()]:
        sys.exit("Signet does not start:\n" + "\n".join(f"  {m.id}: {m.msg} {m.hint or ''}".rstrip() for m in wrong))


@register(TAG)
def check_secrets(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`SECRET_KEY`, `ENCRYPTION_KEYS`, `METRICS_TOKEN`."""
    return [] if settings.DEBUG else [*_secret_key(settings.SECRET_KEY), *_encryption_keys(), *_metrics_token()]


@register(TAG)
def check_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`PUBLIC_URL`, `ALLOWED_HOSTS`, and `DEBUG` where strangers could see it."""
    public = urlsplit(settings.PUBLIC_URL)
    local = is_loopback(public.hostname or "")
    if settings.DEBUG:
        text = f"DEBUG is true, and PUBLIC_URL {settings.PUBLIC_URL} is not this machine: error pages would show secrets."
        return [] if local else [Error(text, "Set DEBUG=false.", id="signet.E005")]
    return [*_public_url(public.scheme, local), *_hosts(public.hostname or "")]


@register(TAG)
def check_surroundings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Mail and proxies."""
    return [] if settings.DEBUG else [*_mail(), *_proxies()]


@register(TAG, deploy=True)
def check_static_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Pages name their style sheets by the manifest that `collectstatic` writes: without it each of them would be a 500."""
    storage: Any = staticfiles_storage
    if settings.DEBUG or not isinstance(storage, ManifestFilesMixin) or storage.hashed_files:
        return []
    text = "The style sheets have not been collected: every page would be answered 500."
    return [Error(text, "Run manage.py collectstatic --noinput, once for each release.", id="signet.E011")]


@register(TAG)
def check_strength(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """How long things live, and what a password guess costs."""
    return [*_lifetimes(), *([] if settings.DEBUG else _hash_cost())]


@register(TAG)
def check_passwords(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The list of breached passwords, and what verifying imported hashes needs."""
    return [*_breached_passwords(), *_imported_passwords()]


@register(TAG)
def check_transactions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A theft found in a request is committed before its answer is refused, and a wrong code counted before it is judged: in a
    transaction around the request neither could be (SECURITY R-04)."""
    text = "ATOMIC_REQUESTS is on for the database {}: a stolen token that comes back could not be put on record."
    hint = "Leave it off: every rule opens the transaction that it needs."
    around = [name for name, database in settings.DATABASES.items() if database.get("ATOMIC_REQUESTS")]
    return [Error(text.format(name), hint, id="signet.E014") for name in around]


@register(TAG)
def check_spelling(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt variable would be ignored in silence, and its default hold. In `.env` it is an error (`environment`)."""
    return [
        Warning(
            f"{name} is not a setting, and looks like {near}.", f"Did you mean {near}? See docs/settings.md.", id="signet.W015"
        )
        for name in sorted(os.environ.keys() - set(settings.KNOWN_VARIABLES))
        if len(name) > _SHORTEST_NAME
        for near in difflib.get_close_matches(name, settings.KNOWN_VARIABLES, n=1, cutoff=_ALIKE)
    ]


@register(TAG)
def check_dependencies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is installed, against `project.floors`."""
    hint = "Install what requirements.txt names: pip install --require-hashes -r requirements.txt"
    return [Error(sentence, hint, id="signet.E010") for sentence in floors.problems()]


def is_loopback(host: str) -> bool:
    """`localhost`, its subdomains, 127.0.0.0/8 and ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _secret_key(key: str) -> Iterator[CheckMessage]:
    if len(key) < 50 or len(set(key)) < 5 or key.lower().startswith(_PLACEHOLDERS):
        yield Error(
            "SECRET_KEY is short, repetitive or an example: at least 50 random characters.", _NEW_SECRET, id="signet.E001"
        )


def _encryption_keys() -> Iterator[CheckMessage]:
    keys = [base64.urlsafe_b64decode(key) for key in settings.ENCRYPTION_KEYS]
    if not keys or len(set(keys)) < len(keys):
        yield Error("ENCRYPTION_KEYS is empty or holds a key twice.", _NEW_KEY, id="signet.E002")
    if set(keys) & set(_derivable(settings.SECRET_KEY)):
        yield Error(
            "ENCRYPTION_KEYS holds a key that follows from SECRET_KEY: one leak would be two.", _NEW_KEY, id="signet.E002"
        )
    if any(len(set(key)) < 12 for key in keys):
        yield Warning("ENCRYPTION_KEYS holds a key that does not look random.", _NEW_KEY, id="signet.W012")


def _derivable(secret: str) -> Iterator[bytes]:
    """What somebody in a hurry makes of the one secret they have."""
    raw = secret.encode()
    yield from (raw[:32], raw[-32:], raw.ljust(32, b"\0")[:32], raw.ljust(32, b"=")[:32])
    yield from (hashlib.sha256(raw).digest(), hashlib.sha3_256(raw).digest(), hashlib.blake2b(raw, digest_size=32).digest())
    yield hashlib.sha512(raw).digest()[:32]
    try:
        yield base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))[:32]
    except binascii.Error:
        return


def _metrics_token() -> Iterator[CheckMessage]:
    if 0 < len(settings.METRICS_TOKEN) < 16:
        yield Warning("METRICS_TOKEN is shorter than 16 characters.", _NEW_SECRET, id="signet.W013")


def _public_url(scheme: str, local: bool) -> Iterator[CheckMessage]:
    if scheme != "https" and not local:
        text = f"PUBLIC_URL {settings.PUBLIC_URL} is not https: passwords and tokens would travel in clear."
        yield Error(text, "Set PUBLIC_URL=https://… and put a proxy with a certificate in front (deploy/).", id="signet.E003")


def _hosts(host: str) -> Iterator[CheckMessage]:
    hint = f"Set ALLOWED_HOSTS={host}, or leave it out: it follows from PUBLIC_URL."
    if any(name == "*" or name.startswith(".") for name in settings.ALLOWED_HOSTS):
        yield Error("ALLOWED_HOSTS has a wildcard: name each host.", hint, id="signet.E004")
    elif host not in settings.ALLOWED_HOSTS and f"[{host}]" not in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS lacks the host of PUBLIC_URL: every request would be refused.", hint, id="signet.E004")


def _mail() -> Iterator[CheckMessage]:
    """The last part but one of `EMAIL_BACKEND` is its kind."""
    kind, hint = settings.EMAIL_BACKEND.split(".")[-2], "Set EMAIL_URL=smtp+tls://user:password@host:587"
    if kind in {"console", "dummy", "locmem"}:
        text = "Mail goes to nobody, and codes and links for passwords into the output: EMAIL_URL names no mail server."
        # On this machine alone that may be meant.
        local = is_loopback(urlsplit(settings.PUBLIC_URL).hostname or "")
        yield Warning(text, hint, id="signet.W006") if local else Error(text, hint, id="signet.E006")
    private = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or is_loopback(settings.EMAIL_HOST or "localhost")
    if kind == "smtp" and not private:
        text = f"EMAIL_URL sends mail to {settings.EMAIL_HOST} in clear: codes and links could be read on the way."
        yield Error(text, f"{hint}, or smtp+ssl:// with port 465.", id="signet.E007")


def _proxies() -> Iterator[CheckMessage]:
    hint = "Set TRUSTED_PROXIES to the addresses of your proxy, such as 127.0.0.1/32."
    if not settings.TRUSTED_PROXIES and settings.SECURE_COOKIES:
        text = (
            "PUBLIC_URL is https, so a proxy stands in front, and TRUSTED_PROXIES is empty: "
            "all clients would share its address, and the limits of one would be everybody's."
        )
        yield Warning(text, hint, id="signet.W007")
    if any(network.prefixlen < 8 for network in settings.TRUSTED_PROXIES):
        yield Error("TRUSTED_PROXIES holds almost everybody: any client could claim any address.", hint, id="signet.E008")


def _lifetimes() -> Iterator[CheckMessage]:
    caps = {
        "ACCESS_TOKEN_LIFETIME": _LONGEST_ACCESS,
        "REFRESH_RESCUE_WINDOW": _LONGEST_RESCUE,
        "FEED_STALE_BUDGET": _LONGEST_STALE,
        "REFRESH_IDLE_LIFETIME": settings.REFRESH_ABSOLUTE_LIFETIME,
    }
    for name, longest in caps.items():
        if getattr(settings, name) > longest:
            yield Error(f"{name} is longer than {longest}.", f"Set {name} to {longest} or less.", id="signet.E009")
    if timedelta(minutes=1) > settings.ACCESS_TOKEN_LIFETIME:
        yield Error("ACCESS_TOKEN_LIFETIME is shorter than a minute.", "Set it to 10m.", id="signet.E009")


def _hash_cost() -> Iterator[CheckMessage]:
    """OWASP's floor for Argon2id: 19 MiB twice, or 46 MiB once."""
    memory, rounds = settings.ARGON2_MEMORY_COST, settings.ARGON2_TIME_COST
    if memory < 19456 or (rounds < 2 and memory < 47104):
        text = "Password hashes are cheaper than OWASP's floor."
        yield Warning(text, "Set ARGON2_MEMORY_COST=19456 and ARGON2_TIME_COST=2, or more.", id="signet.W014")


def _breached_passwords() -> Iterator[CheckMessage]:
    path = settings.BREACHED_PASSWORDS_FILE
    if path and (problem := breached.problem(path)):
        hint = "Give a readable file in the form of Have I Been Pwned, ordered by hash, or leave the setting out."
        yield Error(f"BREACHED_PASSWORDS_FILE {path} {problem}.", hint, id="signet.E012")


def _imported_passwords() -> Iterator[CheckMessage]:
    try:
        if settings.FIREBASE_HASH_CONFIG:
            firebase.configured()
    except ValueError as error:
        hint = "Copy the password hash parameters of the Firebase console (docs/importing.md)."
        yield Error(f"FIREBASE_HASH_CONFIG cannot be used: {error}.", hint, id="signet.E013")
    try:
        if settings.PASSWORD_DECOY:
            recognise.stored_form(settings.PASSWORD_DECOY)
    except ValueError as error:
        hint = "Copy the line that import_users prints at its end, or leave the setting out."
        yield Error(f"PASSWORD_DECOY cannot be used: {error}.", hint, id="signet.E013")
