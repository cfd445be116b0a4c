"""Sets the rivals up in a temporary folder: a stock project, one seeded database each, keys for FastAPI."""

import json
import secrets
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.answer import API_BARE_PATH
from benchmarks.children import run_module
from benchmarks.contender import Contender
from benchmarks.sizes import CALLERS

from . import oauth_toolkit

_LABELS = {
    "simplejwt_stateless": "simplejwt, stateless",
    "simplejwt": "simplejwt, default",
    "drf_token": "DRF TokenAuthentication",
    "knox": "knox",
}
_ISSUER = "https://id.example.org"


def django_rivals(folder: Path) -> tuple[list[Contender], Contender]:
    """The DRF rivals, and django-oauth-toolkit, each with its own copy of one seeded database."""
    folder.mkdir()
    run_module({}, "django", "startproject", "stock", str(folder))
    seeded = folder / "all.sqlite3"
    environ = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.rivals.settings",
        "PYTHONPATH": str(folder),
        "RIVAL_SECRET_KEY": secrets.token_urlsafe(50),
    }
    everything = {**oauth_toolkit.beside(environ), "RIVAL": "all", "RIVAL_DATABASE": str(seeded)}
    credentials = json.loads(run_module(everything, "benchmarks.with_django", "benchmarks.rivals.seed"))
    drf = [_django_rival(name, environ, seeded, credentials) for name in _LABELS]
    return drf, oauth_toolkit.contender(environ, seeded, credentials)


def _django_rival(name: str, environ: dict[str, str], seeded: Path, credentials: dict[str, list[str]]) -> Contender:
    database = seeded.with_name(f"{name}.sqlite3")
    shutil.copyfile(seeded, database)
    return Contender(
        name=name,
        label=_LABELS[name],
        environ={**environ, "RIVAL": name, "RIVAL_DATABASE": str(database)},
        target="benchmarks.rivals.wsgi:application",
        credentials=tuple(credentials["simplejwt" if name == "simplejwt_stateless" else name]),
        database=database,
        refresh_tokens=tuple(credentials["refresh"]) if name == "simplejwt" else (),
    )


def unguarded(rival: Contender) -> Contender:
    """The bare Django view under `startproject`'s middleware: what no guarded view on that stack can pass."""
    return replace(rival, name="unguarded", label="a bare, unguarded Django view", guarded_path=API_BARE_PATH)


def fastapi_rivals() -> list[Contender]:
    """FastAPI + PyJWT with a shared secret and with a key pair under granian, and the former under uvicorn as well."""
    secret = secrets.token_hex(32)
    pair = ec.generate_private_key(ec.SECP256R1())
    public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return [
        _fastapi("fastapi_hs256", "FastAPI + PyJWT (HS256)", "HS256", secret, secret),
        _fastapi("fastapi_es256", "FastAPI + PyJWT (ES256)", "ES256", pair, public.decode()),
        _fastapi("fastapi_uvicorn", "FastAPI + PyJWT (HS256), uvicorn", "HS256", secret, secret, "uvicorn"),
    ]


def _fastapi(
    name: str, label: str, algorithm: str, signing: str | ec.EllipticCurvePrivateKey, verifying: str, server: str = "granian"
) -> Contender:
    tokens = [jwt.encode(_claims(), signing, algorithm) for _ in range(CALLERS)]
    return Contender(
        name=name,
        label=label,
        environ={"RIVAL_ALGORITHM": algorithm, "RIVAL_ISSUER": _ISSUER, "RIVAL_KEY": verifying},
        target="benchmarks.rivals.fastapi_app:app",
        interface="asgi",
        server=server,
        credentials=tuple(f"Bearer {token}" for token in tokens),
    )


def _claims() -> dict[str, object]:
    # The claims that RFC 9068 §2.2 requires, and a scope: a token of the size that people really carry.
    now = datetime.now(UTC)
    return {
        "iss": _ISSUER,
        "aud": _ISSUER,
        "iat": now,
        "exp": now + timedelta(hours=1),
        "sub": str(uuid4()),
        "jti": str(uuid4()),
        "client_id": "app",
        "scope": "profile:read",
    }
