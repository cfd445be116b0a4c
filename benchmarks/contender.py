"""One thing that is measured: how to start it and which credentials it accepts."""

from dataclasses import dataclass, replace
from pathlib import Path

from .answer import API_BARE_PATH, API_GUARDED_PATH, BARE_PATH, GUARDED_PATH, REFRESH_PATH


@dataclass(frozen=True)
class Contender:
    """`credentials` are whole Authorization values, one per caller; `refresh_tokens` one per device.

    Of an OpenID provider, `guarded_path` is userinfo, and `codes` of `client_id` wait to be exchanged at `token_path`; one that
    has none there makes N of them at `codes_path`/N.
    """

    name: str
    label: str
    environ: dict[str, str]
    target: str
    credentials: tuple[str, ...]
    interface: str = "wsgi"
    server: str = "granian"
    database: Path | None = None
    bare_path: str = BARE_PATH
    guarded_path: str = GUARDED_PATH
    refresh_path: str = REFRESH_PATH
    refresh_tokens: tuple[str, ...] = ()
    token_path: str = ""
    client_id: str = ""
    codes: tuple[str, ...] = ()
    codes_path: str = ""

    def under_api(self) -> "Contender":
        """At the paths where a team's resources are: Signet leaves out there what serves only pages."""
        return replace(self, bare_path=API_BARE_PATH, guarded_path=API_GUARDED_PATH)
