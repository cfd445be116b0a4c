"""A running server with its worker, asked over HTTP alone; the suite's client, and Alice, who may have been there before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from tests.oidc.conformance.walk import NO_CHALLENGE, Walk, signed_in_at
from tests.oidc.parties import Party, registered_by
from tests.oidc.receiver import Receiver, receiving
from tests.oidc.wire import Wire, browser_at
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.server import Server, running_server

Ask = Callable[..., Walk]
MakeParty = Callable[..., Party]
NUMBERS = count()
ROOT, ALICE = "root@example.com", "alice@example.com"
_PEOPLE = f"""
from django.utils import timezone
from accounts.users.models import User
User.objects.create_superuser("{ROOT}", "{PASSWORD}")
alice = User.objects.create_user("{ALICE}", "{PASSWORD}", email_verified_at=timezone.now(), name="Alice", language="en")
print(alice.id)
"""


@dataclass(frozen=True)
class Person:
    id: str
    email: str


@pytest.fixture(autouse=True)
def _rsa_keys() -> None:
    """The server has a database of its own."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It may call receivers on the loopback. Each test brings its own clients."""
    env = {"FETCH_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with running_server(tmp_path_factory.mktemp("conformance"), env=env) as running:
        running.spawn("worker")
        yield running


@pytest.fixture(scope="session")
def alice(server: Server) -> Person:
    return Person(server.manage("shell", "-c", _PEOPLE).split()[-1], ALICE)


@pytest.fixture(scope="session")
def superuser(server: Server, alice: Person) -> App:
    """Whose app registers clients."""
    app = App(Wire(server.url))
    assert app.sign_in(ROOT).status_code == 200
    return app


@pytest.fixture
def make_party(superuser: App) -> MakeParty:
    """No two clients may have the same name."""
    return lambda name, **asked: registered_by(superuser, f"{name} {next(NUMBERS)}", **asked)


@pytest.fixture
def suite(make_party: MakeParty) -> Party:
    """It sends no challenge, except where it says so."""
    return make_party("Suite", requires_pkce=False)


@pytest.fixture
def web(make_party: MakeParty) -> Party:
    return make_party("Shop")


@pytest.fixture
def walk(server: Server) -> Ask:
    """A request of a client, with what differs from the usual."""
    return lambda party, **asked: Walk(party, asked, http=Wire(server.url))


@pytest.fixture(params=["default", "form_post"])
def ask(request: pytest.FixtureRequest, suite: Party, walk: Ask) -> Ask:
    """A request of the suite's client: in the plan basic, and in that of form_post."""
    mode = {} if request.param == "default" else {"response_mode": request.param}

    def made(party: Party = suite, **asked: str | None) -> Walk:
        return walk(party, **{**mode, **NO_CHALLENGE, **asked})

    return made


@pytest.fixture
def stranger(server: Server) -> Browser:
    """Nobody has signed in with it."""
    return browser_at(server.url)


@pytest.fixture
def browser(stranger: Browser, alice: Person) -> Browser:
    """Alice's."""
    assert stranger.sign_in(alice.email).status_code == 303
    return stranger


@pytest.fixture
def known(ask: Ask, browser: Browser) -> Browser:
    """Alice's, who has let the client in."""
    signed_in_at(ask(), browser)
    return browser


@pytest.fixture
def hint(walk: Ask, web: Party, browser: Browser) -> str:
    """The ID token of Alice's sign-in at the client."""
    return str(signed_in_at(walk(web), browser)["id_token"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as started:
        yield started
