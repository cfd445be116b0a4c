"""Every kind of token at every place that takes one: only the diagonal opens (SECURITY J-08, J-19, J-27, K-09)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.core import secrets
from accounts.devices.models import Device
from accounts.tokens import sealed
from accounts.users.models import User
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor, sealed_header
from tests.support.app import App

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("guarded")]
SEALED = {name: kind for name, kind in ACCEPTORS.items() if kind.typ != "at+jwt"}
TYPS = [kind.typ for kind in SEALED.values()]
KINDS = ["bearer", *SEALED, "refresh"]


def genuine(kind: str, app: App) -> str:
    """A live token of this kind."""
    return app.refresh if kind == "refresh" else ACCEPTORS[kind](app).genuine()


def takes(place: str, app: App, kind: str) -> bool:
    if place in OPAQUE:
        return OPAQUE[place](app, genuine(kind, app))
    acceptor = ACCEPTORS[place](app)
    own = acceptor.genuine()
    return acceptor.takes(own if kind == OWN_KIND.get(place, place) else genuine(kind, app))


def as_refresh(app: App, token: str) -> bool:
    return App().rotate(token).status_code == 200


def as_sign_out(app: App, token: str) -> bool:
    Client().post("/auth/token/revoke/", {"refresh": token}, content_type="application/json")
    return Device.objects.get(id=app.device).revoked_at is not None


OPAQUE: dict[str, Callable[[App, str], bool]] = {"refresh": as_refresh, "sign_out": as_sign_out}
OWN_KIND = {"verify": "bearer", "sign_out": "refresh"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [*ACCEPTORS, *OPAQUE])
def test_J08_only_its_own_place_takes_a_token(app: App, superuser: User, kind: str, place: str) -> None:
    assert takes(place, app, kind) is (kind == OWN_KIND.get(place, place))


def test_J08_every_sealed_kind_of_the_code_is_here() -> None:
    """A new one wants its place in `tests/support`, and is then tried everywhere."""
    code = "".join(path.read_text() for room in ("accounts", "api", "project") for path in Path(room).rglob("*.py"))
    assert sorted(re.findall(r'SealedPurpose\(\s*"([^"]+)"', code)) == sorted(TYPS)
    assert len(re.findall(r"(?<!class )SealedPurpose\(", code)) == len(TYPS)


@pytest.mark.parametrize("name", SEALED)
def test_J27_sealed_content_is_refused_from_the_other_signer(bearer: Acceptor, name: str) -> None:
    header, claims, _ = forge.opened(genuine(name, bearer.app))
    access_header, access_claims, _ = forge.opened(bearer.genuine())
    crossed = [
        forge.signed(access_header, claims, forge.our_signer()),
        forge.signed(header, access_claims, forge.sealer(header["typ"])),
        forge.signed({**access_header, "typ": header["typ"]}, claims, forge.our_signer()),
        forge.signed({**header, "typ": "at+jwt"}, access_claims, forge.sealer("at+jwt")),
    ]
    bearer.assert_refuses(crossed)


@pytest.mark.parametrize("name", SEALED)
def test_J27_the_right_claims_under_another_kinds_secret_open_nothing(app: App, superuser: User, name: str) -> None:
    acceptor = SEALED[name](app)
    claims = forge.opened(acceptor.genuine())[1]
    others = [typ for typ in TYPS if typ != acceptor.typ]
    forged = [forge.signed(sealed_header(acceptor.typ), claims, forge.sealer(typ)) for typ in others]
    forged += [forge.signed(sealed_header(typ), claims, acceptor.signer()) for typ in others]
    forged += [forge.signed(sealed_header(typ), claims, forge.sealer(typ)) for typ in others]
    acceptor.assert_refuses([*forged, forge.signed(sealed_header(acceptor.typ), claims, forge.our_signer())])


def test_J27_first_administrators_link_opens_only_a_house_without_one(app: App, superuser: User) -> None:
    page = "/account/reset/"
    token = genuine("first_administrator", app)
    assert Client().get(page, {"token": token}).status_code == 400
    User.objects.filter(is_superuser=True).delete()
    assert Client().get(page, {"token": token}).status_code == 200


@pytest.mark.parametrize("name", SEALED)
def test_J27_an_empty_secret_opens_nothing(app: App, name: str) -> None:
    acceptor = SEALED[name](app)
    claims = forge.opened(acceptor.genuine())[1]
    guessed = (b"", b"\x00" * 32, b"secret")
    acceptor.assert_refuses([forge.signed(sealed_header(acceptor.typ), claims, forge.hs(secret)) for secret in guessed])


@pytest.mark.parametrize("purpose", [sealed.SealedPurpose(typ, 60) for typ in TYPS], ids=TYPS)
def test_J19_each_kind_is_sealed_with_a_secret_of_its_own(purpose: sealed.SealedPurpose) -> None:
    token = sealed.seal(purpose, {})
    message, _, signature = token.rpartition(".")
    fitting = [typ for typ in TYPS if forge.sealer(typ)(message.encode()) == forge.unb64(signature)]
    assert fitting == [purpose.typ]
    assert forge.hs(secrets.derived("refresh-token", secrets.primary_key_id()))(message.encode()) != forge.unb64(signature)


@pytest.mark.parametrize("what", Pending)
def test_J08_what_a_browser_waits_for_is_known_under_its_own_name_alone(what: Pending) -> None:
    answer = HttpResponse()
    pending.remember(answer, what, noted="this")
    for other in Pending:
        request = RequestFactory().get("/", headers={"Cookie": f"{other}={answer.cookies[what].value}"})
        assert pending.recall(request, other) == ({"noted": "this"} if other is what else {}), other
