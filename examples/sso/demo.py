"""`make demo-sso`: a Signet with a database of its own, two applications and a service, until Ctrl-C.

Browsers know every name under localhost. Servers may not, so among themselves they use the address.
"""

import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from project import fresh_environment

from .packages import Missing, library
from .processes import Ended, Programs, free_port

_FROM_OUTSIDE = ("PATH", "HOME", "LANG", "TMPDIR")
"""Nothing else of the environment: it may name the database that somebody works with."""


@dataclass(frozen=True)
class Site:
    port: int
    host: str

    @property
    def url(self) -> str:
        """For browsers."""
        return f"http://{self.host}:{self.port}"

    @property
    def inside(self) -> str:
        """For the other servers."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Sites:
    signet: Site
    shop: Site
    board: Site
    notes: Site


def choose(first_port: int) -> Sites:
    """Ports beginning with this one, or others where they are taken; any for 0."""
    names = ("localhost", "shop.localhost", "board.localhost", "notes.localhost")
    return Sites(*(Site(free_port(first_port and first_port + place), name) for place, name in enumerate(names)))


def start(programs: Programs, sites: Sites, folder: Path, script: Path) -> dict[str, str]:
    """Everything; answers who can sign in. Raises `Ended`."""
    outside = {name: os.environ[name] for name in _FROM_OUTSIDE if name in os.environ}
    signet = {**outside, **signet_settings(sites, folder)}
    addresses = (sites.shop.url, sites.shop.inside, sites.board.url, sites.notes.url)
    made: dict[str, Any] = json.loads(programs.run("prepare", "-m", "examples.sso.registration", *addresses, env=signet))
    programs.start("signet", "manage.py", "serve", env=signet, port=sites.signet.port)
    common = {**outside, "ISSUER": sites.signet.url, "BOARD": sites.board.url, "SHOP": sites.shop.url}
    own: dict[str, dict[str, str]] = {
        "notes": {"AUDIENCE": sites.notes.url},
        "shop": {"URL": sites.shop.url, "NOTES": sites.notes.inside, "SECRET_KEY": secrets.token_urlsafe(48)},
        "board": {"NOTES": sites.notes.url, "OIDC_CLIENT_TS": str(script)},
    }
    for name, settings in own.items():
        client = {key.upper(): value for key, value in made.get(name, {}).items()}
        port = getattr(sites, name).port
        env = {**common, **settings, **client, "PORT": str(port)}
        programs.start(name, "-m", f"examples.sso.{name}", env=env, port=port)
    return dict(made["person"])


def signet_settings(sites: Sites, folder: Path) -> dict[str, str]:
    """Secrets of its own, as `make run` writes them, and a database of its own."""
    fresh_environment.write(folder / "signet.env")
    return {
        "SIGNET_ENV_FILE": str(folder / "signet.env"),
        "PUBLIC_URL": sites.signet.url,
        "DATABASE_URL": f"sqlite:///{folder / 'signet.sqlite3'}",
        "HOST": "127.0.0.1",
        "PORT": str(sites.signet.port),
        "WORKERS": "1",
        # The shop hears of sign-outs at a loopback address; elsewhere it would be https, and this line not there.
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


def announce(sites: Sites, person: dict[str, str], folder: Path) -> None:
    print(
        f"""
Three sites that share one sign-in

  Shop     {sites.shop.url:30} a web application with a server: Django and Authlib
  Board    {sites.board.url:30} an application in the browser: oidc-client-ts
  Notes    {sites.notes.url:30} the service that both call; it checks tokens offline
  Signet   {sites.signet.url:30} where people sign in

  Address  {person["email"]}
  Password {person["password"]}

Try this

  1. Sign in at the shop, with that address and password.
  2. Sign in at the board: it asks whether you let it in, and nothing has to be typed.
  3. Write a note at one, and look at the other.
  4. Sign out at one: the other is out too.

What they say is in {os.path.relpath(folder)}. Ctrl-C stops everything.""",
        flush=True,
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Raises `Missing` where another one runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Missing("It runs already. Stop the other one first.") from None
        yield


def main(place: Path, first_port: int) -> int:
    """Everything lies in the folder `place`, and begins anew each time."""
    # A shell starts what it leaves in the background with SIGINT ignored.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    try:
        with alone(place):
            serve(place, place / "now", first_port)
    except KeyboardInterrupt:
        return 0
    except (Ended, Missing) as reason:
        print(reason, file=sys.stderr)
        return 1


def serve(place: Path, folder: Path, first_port: int) -> NoReturn:
    """Raises `Missing`, `Ended`, `KeyboardInterrupt`."""
    script = library(place / "npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    programs, sites = Programs(folder), choose(first_port)
    try:
        announce(sites, start(programs, sites, folder, script), folder)
        programs.watch()
    finally:
        programs.stop()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), int(sys.argv[2])))
