"""Places that take a token between two steps: of a sign-in, of joining, of linking; and the first administrator's link.

Whatever a token brings about there is taken back, so that the next one meets the same world.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.core.errors import ChallengeInvalid, LinkRequired, TokenInvalid
from accounts.core.models import Counter
from accounts.core.proofs import Acr, Proof
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation import sign_in
from accounts.federation.id_token import Identity
from accounts.passwords import throttle
from accounts.signin import challenge, first_administrator, known_device
from accounts.signin.entry import Entry
from accounts.users.models import User

from .acceptor import ALICE, Acceptor
from .app import PASSWORD
from .authenticator import Authenticator
from .browser import Browser
from .mailbox import last_letter
from .phone import Phone, enrolled
from .ways import AUTHENTICATE, ENROL, MFA, OPTIONS, VERIFY, passkey_of, register

DAVE = "dave@example.com"
FAR = 2**52
"""No counter opens again before that."""


def undone(act: Callable[[], HttpResponse]) -> HttpResponse:
    """Its answer, as if it had never happened."""
    here = transaction.savepoint()
    try:
        return act()
    finally:
        transaction.savepoint_rollback(here)


def dave() -> User:
    """Somebody else than Alice, whose own sign-in stays what it is."""
    found = User.objects.filter(email=DAVE).first()
    return found or User.objects.create_user(DAVE, PASSWORD, name="Dave", email_verified_at=timezone.now())


def post(path: str, body: dict[str, Any], **extra: str) -> HttpResponse:
    return Client(**extra).post(path, body, content_type="application/json")


class Challenged(Acceptor):
    """400 is for what no string of ours could be: nothing, a NUL, or thousands of letters."""

    refusals, trims = {400, 401}, True

    def assert_says_no_more(self, answer: HttpResponse) -> None:
        if answer.status_code == 401:
            assert answer.json() in [{"code": known.code, "detail": known.detail} for known in (ChallengeInvalid, TokenInvalid)]
        else:
            assert answer.json()["errors"]["challenge"][0]["code"] in {"blank", "null_characters_not_allowed", "max_length"}


@dataclass
class SecondStep(Challenged):
    """A right code with it, always."""

    name, typ = "mfa", "mfa+jwt"
    phone: Phone | None = None

    def genuine(self) -> str:
        self.phone = self.phone or enrolled(dave())
        return str(post("/auth/token/", {"email": DAVE, "password": PASSWORD}).json()["challenge"])

    def present(self, token: str) -> HttpResponse:
        assert self.phone is not None
        return undone(lambda: post(MFA, {"challenge": token, "method": "totp", "code": self.phone.code()}))


class Enrolment(Challenged):
    name, typ = "mfa_enrol", "mfa-enrol+jwt"

    def genuine(self) -> str:
        user = dave()
        proof = Proof(user.id, user.epoch, ("pwd",), Acr.AAL1, int(timezone.now().timestamp()))
        return str(challenge.enrolment_required(user, proof, Entry(NOWHERE)).extra["challenge"])

    def present(self, token: str) -> HttpResponse:
        return undone(lambda: post(ENROL, {"challenge": token}))


@dataclass
class PasskeyChallenge(Challenged):
    """The authenticator has signed what the last genuine one holds."""

    name, typ = "passkey", "passkey+jwt"
    authenticator: Authenticator | None = None
    asked: dict[str, Any] = field(default_factory=dict)

    def genuine(self) -> str:
        self.authenticator = self.authenticator or passkey_of(dave())
        self.asked = post(OPTIONS, {}).json()
        return str(self.asked["challenge"])

    def present(self, token: str) -> HttpResponse:
        assert self.authenticator is not None
        credential = self.authenticator.get(self.asked["publicKey"])
        return undone(lambda: post(AUTHENTICATE, {"challenge": token, "credential": credential}))


class IdentityLink(Challenged):
    name, typ, accepts = "link_identity", "link-identity+jwt", 201

    def genuine(self) -> str:
        told = {"issuer": "https://issuer.example", "subject": "upstream-1", "email": ALICE, "name": ""}
        identity = Identity(provider="google", label="Google", email_verified=True, auth_time=None, **told)
        try:
            sign_in.resolve(identity, name="", source=NOWHERE)
        except LinkRequired as wanted:
            return str(wanted.extra["challenge"])
        raise AssertionError("Alice has no account")

    def present(self, token: str) -> HttpResponse:
        return undone(lambda: self.app.post("/api/v1/me/identities/", {"challenge": token}))


@dataclass
class Registration(Acceptor):
    """Accepted, and 200 here: the password of the registration outlives the verification, made from elsewhere."""

    name, typ, trims = "registration", "registration+jwt", True
    handle: str = ""
    code: str = ""
    email: ClassVar[str] = "carol@example.com"

    def genuine(self) -> str:
        if not self.handle:
            self.handle, self.code = register(self.email), last_letter(self.email).code
        return self.handle

    def present(self, token: str) -> HttpResponse:
        def verify() -> HttpResponse:
            body = {"email": self.email, "code": self.code, "registration": token}
            verified = post(VERIFY, body, REMOTE_ADDR="203.0.113.9")
            assert verified.status_code in {200, 400}, verified.content
            kept = verified.status_code == 200 and User.objects.get(email=self.email).check_password(PASSWORD)
            return HttpResponse(status=200 if kept else 401)

        return undone(verify)


class WaitingBrowser(Acceptor):
    """The page for the code that this browser asked for."""

    name, typ, refusals, trims = "pending", "pending+jwt", {303}, True

    def genuine(self) -> str:
        browser = Browser()
        browser.get("/account/code/")
        assert browser.post("/account/code/", {"email": ALICE}).status_code == 303
        return browser.value("code")

    def present(self, token: str) -> HttpResponse:
        return Client().get("/account/code/enter/", headers={"Cookie": f"code={token}"})


@dataclass
class KnownDevice(Acceptor):
    """Strangers are locked out: only a device that is known may try now."""

    name, typ, refusals, trims = "known_device", "known-device+jwt", {429}, True
    locked: bool = False

    def genuine(self) -> str:
        device = Device.objects.get(id=self.app.device)
        return known_device.mark(device.user, device)

    def present(self, token: str) -> HttpResponse:
        self._lock_strangers_out()
        cookie = f"{settings.KNOWN_DEVICE_COOKIE_NAME}={token}"
        body = {"email": ALICE, "password": PASSWORD}
        return undone(lambda: Client().post("/auth/token/", body, "application/json", headers={"Cookie": cookie}))

    def _lock_strangers_out(self) -> None:
        if not self.locked:
            for _ in range(throttle.PAIR.free):
                post("/auth/token/", {"email": ALICE, "password": "wrong"})
            Counter.objects.filter(key__startswith="password/account-network").update(blocked_until=FAR, expires_at=FAR)
            self.locked = True


class FirstAdministrator(Acceptor):
    """The page of a fresh install, which has no administrator."""

    name, typ, refusals = "first_administrator", "first-administrator+jwt", {400}

    def genuine(self) -> str:
        return first_administrator.url().partition("token=")[2]

    def present(self, token: str) -> HttpResponse:
        def of_a_fresh_install() -> HttpResponse:
            User.objects.filter(is_superuser=True).delete()
            return Client().get(f"/account/reset/?{urlencode({'token': token})}")

        return undone(of_a_fresh_install)

    def takes(self, token: str) -> bool:
        """The page of a mailed link stands at the same path; only this one asks for an address."""
        answer = self.present(token)
        return answer.status_code == self.accepts and 'name="email"' in answer.content.decode()


ON_THE_WAY = (
    SecondStep,
    Enrolment,
    PasskeyChallenge,
    IdentityLink,
    Registration,
    WaitingBrowser,
    KnownDevice,
    FirstAdministrator,
)
