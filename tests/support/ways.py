"""The ways in as a phone walks them: the first steps of each, up to the answer that brings tokens."""

from typing import Any

from django.http import HttpResponse

from accounts.core.requests import NOWHERE
from accounts.passkeys import registration
from accounts.users.models import User

from .app import PASSWORD, App
from .authenticator import UP, Authenticator
from .mailbox import last_letter

TOKEN, MFA, ENROL = "/auth/token/", "/auth/token/mfa/", "/auth/token/mfa/enrol/"
CODE, VERIFY_CODE = "/auth/code/", "/auth/code/verify/"
REGISTER, VERIFY = "/auth/register/", "/auth/email/verify/"
OPTIONS, AUTHENTICATE = "/auth/passkeys/authenticate/options/", "/auth/passkeys/authenticate/"
SIGN_UP_OPTIONS, SIGN_UP = "/auth/passkeys/register/options/", "/auth/passkeys/register/"
RESET, RESET_CONFIRM = "/auth/password/reset/", "/auth/password/reset/confirm/"
STEP_UP = "/auth/step-up/"
COOKIE = {"X-Token-Transport": "cookie"}
WITHOUT_UV = UP


def outcome(answer: HttpResponse) -> tuple[int, str]:
    """Status and code; no code where it went well."""
    body = answer.json() if answer.content else {}
    return answer.status_code, body.get("code", "")


def password(user: User, app: App | None = None, **headers: str) -> HttpResponse:
    return (app or App()).post(TOKEN, {"email": user.email, "password": PASSWORD}, **headers)


def passkey_of(user: User, **knobs: Any) -> Authenticator:
    """A new one, registered."""
    authenticator = Authenticator(**knobs)
    asked = registration.options(user)
    registration.register(user, asked["challenge"], authenticator.create(asked["publicKey"]), source=NOWHERE)
    return authenticator


def passkey_answer(authenticator: Authenticator, app: App | None = None, email: str = "", **lies: Any) -> dict[str, Any]:
    """Challenge and credential, as the two fields of a request."""
    asked = (app or App()).post(OPTIONS, {"email": email} if email else {}).json()
    return {"challenge": asked["challenge"], "credential": authenticator.get(asked["publicKey"], **lies)}


def ask_code(email: str, app: App | None = None, **body: Any) -> dict[str, Any]:
    """Challenge and code of a sign-in by mail."""
    answer = (app or App()).post(CODE, {"email": email, **body})
    assert answer.status_code == 202, answer.content
    return {"challenge": answer.json()["challenge"], "code": last_letter(email).code}


def register(email: str, password: str = PASSWORD, **body: Any) -> str:
    """The handle of the registration."""
    answer = App().post(REGISTER, {"email": email, "password": password, **body})
    assert answer.status_code == 202, answer.content
    return str(answer.json()["registration"])


def verify_by_code(email: str, **body: Any) -> HttpResponse:
    return App().post(VERIFY, {"email": email, "code": last_letter(email).code, **body})


def verify_by_link(email: str, **body: Any) -> HttpResponse:
    return App().post(VERIFY, {"token": last_letter(email).token, **body})


def opens(email: str, password: str) -> bool:
    """Whether this password signs in."""
    return App().post(TOKEN, {"email": email, "password": password}).status_code == 200
