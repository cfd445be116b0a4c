"""Sets Signet up for the run: a database of its own, signing keys, users, tokens of many devices."""

import base64
import json
import secrets
from dataclasses import replace
from pathlib import Path

from .children import run_module
from .contender import Contender


def prepare(folder: Path) -> tuple[Contender, Contender, Contender]:
    """Signet as it is served; asked each time with a token that it has not seen before; and as an OpenID provider."""
    folder.mkdir()
    database = folder / "signet.sqlite3"
    environ = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.signet_settings",
        # A developer's own .env must not change the figures.
        "SIGNET_ENV_FILE": str(folder / "none.env"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": f"sqlite:///{database}",
        # The default life is ten minutes, and the run must not depend on ending before; a long life costs nothing.
        "ACCESS_TOKEN_LIFETIME": "1h",
    }
    made = json.loads(run_module(environ, "benchmarks.with_django", "benchmarks.signet_seed"))
    served = Contender(
        name="signet",
        label="Signet",
        environ=environ,
        target="project.wsgi:application",
        credentials=tuple(made["callers"]),
        database=database,
        refresh_path="/auth/token/refresh/",
        refresh_tokens=tuple(made["refresh"]),
    )
    strangers = replace(
        served, name="signet_fresh", label="Signet, each token for the first time", credentials=tuple(made["fresh"])
    )
    provider = replace(
        served,
        credentials=tuple(made["bearers"]),
        guarded_path="/oauth/userinfo",
        token_path="/oauth/token",
        client_id=made["client_id"],
        codes=tuple(made["codes"]),
    )
    return served, strangers, provider
