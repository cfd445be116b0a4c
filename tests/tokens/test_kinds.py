"""Every kind of token at every place that takes one: only the diagonal opens (SECURITY J-08, J-27, K-09)."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from accounts.devices.models import Device
from accounts.passwords import throttle
from accounts.signin import first_administrator, known_device
from accounts.tokens import compact, sealed
from accounts.users.models import User
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor, sealed_header
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("guarded")]
ALICE = "alice@example.com"
JWT_KINDS = ("access", "cookie", "download_link", "mailed_link", "known_device", "first_administrator")
KINDS = (*JWT_KINDS, "refresh")


def genuine(kind: str, app: App) -> str:
    """A live token of Alice's of this kind."""
    device = Device.objects.get(id=app.device)
    makers: dict[str, Callable[[], str]] = {
        "access": lambda: app.access,
        "refresh": lambda: app.refresh,
        "cookie": ACCEPTORS["cookie"](app).genuine,
        "download_link": ACCEPTORS["link"](app).genuine,
        "mailed_link": ACCEPTORS["mailed"](app).genuine,
        "known_device": lambda: known_device.mark(device.user, device),
        "first_administrator": lambda: sealed.seal(first_administrator.PURPOSE, {}),
    }
    return makers[kind]()


def lock_alice_out() -> None:
    """Only a device that is known may try now."""
    for _ in range(throttle.PAIR.free):
        Client().post("/auth/token/", {"email": ALICE, "password": "wrong"}, content_type="application/json")


def as_known_device(app: App, token: str) -> bool:
    lock_alice_out()
    cookie = f"{settings.KNOWN_DEVICE_COOKIE_NAME}={token}"
    body = {"email": ALICE, "password": PASSWORD}
    answer = Client().post("/auth/token/", body, content_type="application/json", headers={"Cookie": cookie})
    assert answer.status_code in {200, 429}
    return answer.status_code == 200


def as_sign_out(app: App, token: str) -> bool:
    Client().post("/auth/token/revoke/", {"refresh": token}, content_type="application/json")
    return Device.objects.get(id=app.device).revoked_at is not None


def as_first_setup(app: App, token: str) -> bool:
    """The page of a fresh install; it says no to the right kind too while there is an administrator."""
    return Client().get(f"/account/reset/?{urlencode({'token': token})}").status_code == 200


PLACES: dict[str, tuple[str, Callable[[App, str], bool]]] = {
    "bearer": ("access", lambda app, token: ACCEPTORS["bearer"](app).takes(token)),
    "verify": ("access", lambda app, token: ACCEPTORS["verify"](app).takes(token)),
    "cookie": ("cookie", lambda app, token: ACCEPTORS["cookie"](app).takes(token)),
    "link": ("download_link", lambda app, token: ACCEPTORS["link"](app).takes(token)),
    "mailed": ("mailed_link", lambda app, token: ACCEPTORS["mailed"](app).takes(token)),
    "refresh": ("refresh", lambda app, token: App().rotate(token).status_code == 200),
    "sign_out": ("refresh", as_sign_out),
    "known_device": ("known_device", as_known_device),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
def test_J08_only_its_own_place_takes_a_token(app: App, superuser: User, kind: str, place: str) -> None:
    own_kind, takes = PLACES[place]
    assert takes(app, genuine(kind, app)) is (kind == own_kind)


@pytest.mark.parametrize("kind", [kind for kind in JWT_KINDS if kind != "access"])
def test_J27_sealed_content_is_refused_from_the_other_signer(bearer: Acceptor, kind: str) -> None:
    header, claims, _ = forge.opened(genuine(kind, bearer.app))
    access_header, access_claims, _ = forge.opened(bearer.genuine())
    crossed = [
        forge.signed(access_header, claims, forge.our_signer()),
        forge.signed(header, access_claims, forge.sealer(header["typ"])),
        forge.signed({**access_header, "typ": header["typ"]}, claims, forge.our_signer()),
        forge.signed({**header, "typ": "at+jwt"}, access_claims, forge.sealer("at+jwt")),
    ]
    bearer.assert_refuses(crossed)


@pytest.mark.parametrize("name", ["cookie", "link", "mailed"])
def test_J27_access_claims_under_another_secret_open_nothing_sealed(app: App, name: str) -> None:
    acceptor = ACCEPTORS[name](app)
    claims = forge.opened(acceptor.genuine())[1]
    others = [typ for typ in ("sso+jwt", "link+jwt", "mail-link+jwt", "known-device+jwt") if typ != acceptor.typ]
    forged = [forge.signed(sealed_header(acceptor.typ), claims, forge.sealer(typ)) for typ in others]
    forged += [forge.signed(sealed_header(typ), claims, acceptor.signer()) for typ in others]
    acceptor.assert_refuses([*forged, forge.signed(sealed_header(acceptor.typ), claims, forge.our_signer())])


def test_J27_first_administrators_link_opens_only_a_house_without_one(app: App, superuser: User) -> None:
    token = genuine("first_administrator", app)
    assert not as_first_setup(app, token)
    User.objects.filter(is_superuser=True).delete()
    assert as_first_setup(app, token)
    assert not as_first_setup(app, genuine_mail_lookalike(token))


def genuine_mail_lookalike(token: str) -> str:
    """The same claims, sealed as a mailed link."""
    return forge.signed(sealed_header("mail-link+jwt"), forge.opened(token)[1], forge.sealer("mail-link+jwt"))


def test_J27_an_empty_secret_opens_nothing(app: App) -> None:
    for name in ("cookie", "link", "mailed"):
        acceptor = ACCEPTORS[name](app)
        claims = forge.opened(acceptor.genuine())[1]
        forged = [
            forge.signed(sealed_header(acceptor.typ), claims, forge.hs(secret)) for secret in (b"", b"\x00" * 32, b"secret")
        ]
        acceptor.assert_refuses(forged)


def test_sealed_kinds_have_distinct_typ(app: App) -> None:
    typs = [forge.opened(genuine(kind, app))[0]["typ"] for kind in JWT_KINDS]
    assert len(set(typs)) == len(JWT_KINDS)
    assert all(compact.parse(genuine(kind, app))[0]["typ"] == typ for kind, typ in zip(JWT_KINDS, typs, strict=True))
