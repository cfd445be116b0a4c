"""Sets django-oauth-toolkit up as an OpenID provider. Signet does not start beside it, so it lies in a folder of its own."""

import os
import shutil
import sys
from importlib.metadata import distributions
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.contender import Contender
from benchmarks.relying_party import CLIENT_ID

_FOLDER = Path(sys.prefix) / "oauth_toolkit"


def beside(environ: dict[str, str]) -> dict[str, str]:
    """The same environment, in which Python finds it."""
    return {**environ, "PYTHONPATH": os.pathsep.join([environ["PYTHONPATH"], str(_FOLDER)])}


def version() -> str:
    """The one that is installed."""
    (found,) = distributions(name="django-oauth-toolkit", path=[str(_FOLDER)])
    return found.version


def contender(environ: dict[str, str], seeded: Path, credentials: dict[str, list[str]]) -> Contender:
    """With its own copy of the seeded database."""
    database = seeded.with_name("oauth_toolkit.sqlite3")
    shutil.copyfile(seeded, database)
    own = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.rivals.oauth_settings",
        "RIVAL": "oauth_toolkit",
        "RIVAL_DATABASE": str(database),
        "RIVAL_KEY": _private_key(),
    }
    return Contender(
        name="oauth_toolkit",
        label="django-oauth-toolkit",
        environ={**beside(environ), **own},
        target="benchmarks.rivals.wsgi:application",
        credentials=tuple(credentials["oauth_toolkit"]),
        database=database,
        guarded_path="/o/userinfo/",
        token_path="/o/token/",
        client_id=CLIENT_ID,
        codes=tuple(credentials["codes"]),
    )


def _private_key() -> str:
    """Of ID tokens, as long as Signet's."""
    pair = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return pair.private_bytes(serialization.Encoding.PEM, *form).decode()
