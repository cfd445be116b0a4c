"""Who takes part in a run, set up in a temporary folder."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import node, signet
from .contender import Contender
from .rivals.oidc_provider import oidc_provider
from .rivals.prepare import django_rivals, fastapi_rivals


@dataclass(frozen=True)
class Field:
    """`ours` is Signet as it is served, and asked with new tokens; `providers` are the OpenID providers, Signet first."""

    ours: list[Contender]
    drf: list[Contender]
    fastapi: list[Contender]
    providers: list[Contender]


def prepare(folder: Path, *, rivals_only: bool) -> Field:
    """Seed the databases, side by side on both cores."""
    with ThreadPoolExecutor() as pool:
        seeding = None if rivals_only else pool.submit(signet.prepare, folder / "signet")
        drf, oauth_toolkit = django_rivals(folder / "rivals")
        ours = list(seeding.result()) if seeding else []
    in_memory = [] if node.missing() else [oidc_provider(folder)]
    providers = [*ours[2:], oauth_toolkit, *in_memory]
    return Field(ours[:2], drf, fastapi_rivals(), providers)
