"""Reads the environment (and `.env`), and refuses what it does not understand."""

import base64
import binascii
import ipaddress
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
_SPAN = re.compile(r"^(\d+)(s|m|h|d)?$")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
_APPLE_APP_ID = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]+", re.ASCII)
_ANDROID_APP = re.compile(r"([A-Za-z][\w.]*)=((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Environment:
    """Typed readers over the process environment; every name that was read is remembered in `known`."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self._file = BASE_DIR / os.environ.get("SIGNET_ENV_FILE", ".env")
        if self._file.exists():
            environ.Env.read_env(str(self._file))

    def read(self, name: str, default: T | None, parse: Callable[[str], T]) -> T:
        """The value of `name`; `NAME_FILE` names a file that holds it. Malformed values stop the start."""
        self.known.update({name, f"{name}_FILE"})
        raw = self._raw(name)
        if raw is None:
            if default is None:
                raise ImproperlyConfigured(f"{name} is not set: add it to .env or the environment (docs/settings.md).")
            return default
        try:
            return parse(raw)
        except (ValueError, binascii.Error) as error:
            raise ImproperlyConfigured(f"{name} is malformed: {error} (docs/settings.md).") from None

    def refuse_unknown(self) -> None:
        """A misspelt line in `.env` would be ignored in silence; it is an error instead."""
        if not self._file.exists():
            return
        for line in self._file.read_text().splitlines():
            name = line.partition("=")[0].removeprefix("export ").strip()
            if name and not name.startswith("#") and name not in self.known:
                raise ImproperlyConfigured(f"{name} in {self._file.name} is not a setting (docs/settings.md).")

    def _raw(self, name: str) -> str | None:
        if path := os.environ.get(f"{name}_FILE"):
            try:
                return Path(path).read_text().rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it is not text"
                raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {reason}.") from None
        return os.environ.get(name)

    def string(self, name: str, default: str | None = None) -> str:
        return self.read(name, default, str)

    def boolean(self, name: str, default: bool) -> bool:
        return self.read(name, default, parse_boolean)

    def integer(self, name: str, default: int) -> int:
        return self.read(name, default, int)

    def span(self, name: str, default: timedelta, longest: timedelta = timedelta.max) -> timedelta:
        """A length of time: `600` (seconds), `10m`, `24h`, `30d`."""
        return self.read(name, default, lambda raw: parse_span(raw, longest))

    def words(self, name: str, default: list[str] | None = None) -> list[str]:
        """A comma-separated list."""
        return self.read(name, default, parse_words)

    def networks(self, name: str) -> list[Any]:
        return self.read(name, [], lambda raw: [ipaddress.ip_network(word) for word in parse_words(raw)])

    def encryption_keys(self, name: str) -> list[str]:
        return self.read(name, None, parse_encryption_keys)

    def origin(self, name: str, default: str | None = None) -> str:
        """A public origin: scheme, host and port, nothing behind."""
        return self.read(name, default, parse_origin)

    def origins(self, name: str, default: list[str]) -> list[str]:
        return self.read(name, default, lambda raw: [parse_origin(word) for word in parse_words(raw)])

    def host_name(self, name: str, default: str) -> str:
        return self.read(name, default, parse_host_name)

    def apple_app_ids(self, name: str) -> list[str]:
        return self.read(name, [], lambda raw: [parse_apple_app_id(word) for word in parse_words(raw)])

    def android_apps(self, name: str) -> list[tuple[str, str]]:
        """Package and SHA-256 of its certificate; a package may appear once for each certificate."""
        return self.read(name, [], lambda raw: [parse_android_app(word) for word in parse_words(raw)])

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        return self.read(name, default, lambda raw: parse_choice(raw, allowed))

    def database(self, name: str, default: str) -> dict[str, Any]:
        return self.read(name, parse_database(default), parse_database)

    def mail(self, name: str, default: str) -> dict[str, Any]:
        return self.read(name, parse_mail(default), parse_mail)


def parse_database(raw: str) -> dict[str, Any]:
    """Nothing of the URL is in the error: it holds a password."""
    scheme, _, rest = raw.partition("://")
    try:
        if scheme in {"postgres", "postgresql"} and urlsplit(raw).path.strip("/"):
            return dict(environ.Env.db_url_config(raw))
        if scheme == "sqlite" and rest.strip("/") and "?" not in rest:
            return dict(environ.Env.db_url_config(raw))
    except ValueError:
        pass
    raise ValueError("expected sqlite:////path or postgres://user:password@host:5432/name, with / # ? @ : in a password as %2F …")


def parse_mail(raw: str) -> dict[str, Any]:
    """As for the database."""
    schemes = environ.Env.EMAIL_SCHEMES
    try:
        if raw.partition("://")[0] in schemes:
            return dict(environ.Env.email_url_config(raw))
    except ValueError:
        pass
    raise ValueError(f"expected smtp+tls://user:password@host:587, or another of {', '.join(schemes)}")


def parse_boolean(raw: str) -> bool:
    word = raw.strip().lower()
    if word not in {"true", "false", "1", "0", "yes", "no"}:
        raise ValueError("expected true or false")
    return word in {"true", "1", "yes"}


def parse_span(raw: str, longest: timedelta = timedelta.max) -> timedelta:
    match = _SPAN.match(raw.strip())
    if match is None:
        raise ValueError("expected a number of seconds, or a number with s, m, h or d")
    span = timedelta(seconds=int(match[1]) * _UNITS[match[2] or "s"])
    if span > longest:
        raise ValueError(f"at most {int(longest.total_seconds())} seconds")
    return span


def parse_words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


def parse_choice(raw: str, allowed: tuple[str, ...]) -> str:
    if raw not in allowed:
        raise ValueError(f"expected one of {', '.join(allowed)}")
    return raw


def parse_origin(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError("expected an origin such as https://id.example.com, with no path and no slash at the end")
    return raw


def parse_host_name(raw: str) -> str:
    if not _HOST_NAME.fullmatch(raw):
        raise ValueError("expected a host name in lower case such as example.com, with no scheme and no port")
    return raw


def parse_apple_app_id(raw: str) -> str:
    if not _APPLE_APP_ID.fullmatch(raw):
        raise ValueError("expected team and bundle such as A1B2C3D4E5.com.example.app")
    return raw


def parse_android_app(raw: str) -> tuple[str, str]:
    match = _ANDROID_APP.fullmatch(raw)
    if match is None:
        raise ValueError("expected package=fingerprint, with 32 upper-case hexadecimal pairs separated by colons")
    return match[1], match[2]


def parse_encryption_keys(raw: str) -> list[str]:
    keys = parse_words(raw)
    if not keys or any(len(base64.urlsafe_b64decode(key)) != 32 for key in keys):
        raise ValueError("expected a comma-separated list of base64url keys of 32 bytes each")
    return keys
