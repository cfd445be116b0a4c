"""What a person does on the pages, with the browser of the tests."""

import json
import re
from typing import Any

from accounts.users.models import User

from .app import PASSWORD
from .authenticator import Authenticator
from .browser import Answer, Browser

SIGN_IN, SIGN_UP, VERIFY, CODE, ENTER = (f"/account/{page}/" for page in ("sign-in", "sign-up", "verify", "code", "code/enter"))
SECOND_STEP, SET_UP, CONFIRM = "/account/sign-in/confirm/", "/account/sign-in/set-up/", "/account/confirm/"
RESET, RESET_CODE, CHOOSE = "/account/reset/", "/account/reset/code/", "/account/choose-password/"
OPTIONS, SIGN_UP_OPTIONS = "/auth/passkeys/authenticate/options/", "/auth/passkeys/register/options/"
NEW_PASSWORD = "a quite different staple"
UNKNOWN = "nobod@example.com"
"""As long as Alice's."""


def visitor() -> Browser:
    """Has looked at the sign-in page, as everybody has who is sent a form."""
    browser = Browser()
    browser.get(SIGN_IN)
    return browser


def signed_in(user: User) -> Browser:
    browser = Browser()
    assert browser.sign_in(user.email or "").status_code == 303
    return browser


def who(browser: Browser) -> str:
    """The address that the start page greets; empty for nobody."""
    found = re.search(r"Signed in as <strong>([^<]+)", browser.get("/").content.decode())
    return found[1] if found else ""


def hidden(answer: Answer, name: str) -> str:
    """The first hidden field of this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return found[1].replace("&quot;", '"').replace("&amp;", "&")


def text(answer: Answer) -> str:
    return answer.content.decode()


def to_second_step(user: User, browser: Browser, target: str = "/") -> dict[str, str]:
    """The right password, and the fields of the page that asks for more."""
    answer = browser.sign_in(user.email or "", target=target)
    assert answer.status_code == 200, answer.content
    return {name: hidden(answer, name) for name in ("challenge", "options", "method", "next")}


def sign_up(browser: Browser, email: str, **fields: str) -> Answer:
    return browser.post(SIGN_UP, {"name": "New", "email": email, "password": PASSWORD, **fields})


def passkey_fields(browser: Browser, authenticator: Authenticator, path: str = OPTIONS, **body: Any) -> dict[str, str]:
    """As the script on the page fills them in."""
    asked = browser.send("POST", path, body).json()
    answer = authenticator.create if path == SIGN_UP_OPTIONS else authenticator.get
    return {"challenge": asked["challenge"], "credential": json.dumps(answer(asked["publicKey"]))}


def seen(email: str, ask: str, then: str, **fields: str) -> list[object]:
    """All that a browser can see which asks for `email`: the answers, the page after, a wrong code, its cookies."""
    browser = visitor()
    answers = [browser.post(ask, {"email": email, **fields}), browser.get(then), browser.post(then, {"code": "000000"})]
    cookies = {name: (len(cookie.value), cookie["max-age"]) for name, cookie in browser.http.cookies.items()}
    return [*(_whole(answer, email) for answer in answers), cookies]


def _whole(answer: Answer, email: str) -> tuple[int, str, dict[str, str]]:
    page = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", text(answer)).replace(email, "…")
    return answer.status_code, page, {name: value for name, value in answer.items() if name not in {"X-Request-Id", "Expires"}}
