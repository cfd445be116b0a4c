"""Grace, who has used everything there is: what an export must show, and an erasure must not leave."""

import json
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.utils import timezone

from accounts.core import crypto
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation import identities
from accounts.federation.id_token import Identity
from accounts.outbox import enqueue
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User

from .app import PASSWORD, App
from .authenticator import Authenticator
from .browser import Browser
from .forge import b64
from .mailbox import last_letter
from .pages import SECOND_STEP, to_second_step
from .phone import Phone, enrolled
from .ways import CODE, MFA, RESET, RESET_CONFIRM, TOKEN, passkey_of

EMAIL, WANTED, LEFT = "grace@example.com", "hopper@example.net", "amazing@example.net"
NAME, PHONE = "Grace Hopper", "Pixel of Grace"
SUBJECT, UPSTREAM = "upstream-grace-1", "grace@upstream.example"
ME, INVITED = "/api/v1/me/", "invited@example.com"


@dataclass
class Grace:
    """`traces`: by what it is, each text that is hers alone."""

    user: User
    app: App
    traces: dict[str, str]


def grace(bob: User) -> Grace:
    """`bob` is somebody whom she manages, and who would like to have her address."""
    user = User.objects.create_user(EMAIL, PASSWORD, name=NAME, language="de", email_verified_at=timezone.now(), is_staff=True)
    user.groups.add(Group.objects.create(name="Admirals"))
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "add_user", "change_user"]))
    app = App()
    app.sign_in(EMAIL)
    _change_and_undo_the_address(app)
    app.sign_in(EMAIL, device={"name": PHONE, "platform": "android"})
    app.rotate(key="retry-key-of-her-app")
    key, phone = passkey_of(user), enrolled(user)
    identities.link(user, _identity(), NOWHERE)
    _strongly(app)
    _in_a_browser(user, phone)
    _wrongly(app, phone)
    _ask_for_mails(app, bob)
    _manage(app, bob)
    for path, body in (("/api/v1/links/", {"path": ME}), (f"{ME}export/", {})):
        assert app.post(path, body).status_code == 201
    # Half of what waits was given up.
    every_second = list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))[::2]
    OutboxMessage.objects.filter(id__in=every_second).update(failed_at=timezone.now(), last_error="OSError")
    return Grace(user, app, _traces(user, key))


def found(traces: dict[str, str], *, beside: Collection[type[Model]] = ()) -> set[str]:
    """Which of them a table still holds, in clear or in a message."""
    everything = "\n".join(_everything(beside)).lower()
    return {what for what, text in traces.items() if text.lower() in everything}


def _everything(beside: Collection[type[Model]]) -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        if model not in beside:
            yield json.dumps(list(model._base_manager.values()), default=str, ensure_ascii=False)
    for message in OutboxMessage.objects.all():
        yield crypto.decrypt(message.payload_encrypted, context=enqueue.context_of(message)).decode()


def _traces(user: User, key: Authenticator) -> dict[str, str]:
    devices = {f"device {number}": str(pk) for number, pk in enumerate(user.devices.values_list("id", flat=True))}
    own = {"email": EMAIL, "wanted email": WANTED, "former email": LEFT, "name": NAME, "device name": PHONE}
    upstream = {"subject": SUBJECT, "upstream email": UPSTREAM, "credential": b64(key.credential_id)}
    return {"id": str(user.id), **own, **upstream, **devices}


def _identity() -> Identity:
    told: dict[str, Any] = {"issuer": "https://issuer.example", "subject": SUBJECT, "email": UPSTREAM, "email_verified": True}
    return Identity(provider="google", label="Google", name="", auth_time=None, **told)


def _strongly(app: App) -> None:
    """The device was proved just now, with two factors."""
    Device.objects.filter(id=app.device).update(acr="aal2", auth_time=int(time.time()))
    assert app.rotate().status_code == 200


def _change_and_undo_the_address(app: App) -> None:
    assert app.post(f"{ME}email/", {"email": LEFT}).status_code == 202
    confirmed = App().post("/auth/email/change/confirm/", {"email": LEFT, "code": last_letter(LEFT).code})
    assert confirmed.status_code == 204
    assert App().post("/auth/email/change/undo/", {"token": last_letter(EMAIL).token}).status_code == 204
    assert App().post(RESET_CONFIRM, {"token": last_letter(EMAIL).token, "new_password": PASSWORD}).status_code == 204


def _in_a_browser(user: User, phone: Phone) -> None:
    """Where she is remembered."""
    browser = Browser()
    shown = {**to_second_step(user, browser), "method": "totp", "code": phone.code(), "remember": "on"}
    assert browser.post(SECOND_STEP, shown).status_code == 303


def _wrongly(app: App, phone: Phone) -> None:
    """Counted for her network, her phone and her second step. One recovery code is right."""
    wrong = {"email": EMAIL, "password": "not hers"}
    for body in (wrong, {**wrong, "device": {"refresh": app.refresh}}):
        assert App().post(TOKEN, body).status_code == 401
    tries = [
        ("recovery_code", phone.recovery_codes[0], 200),
        ("totp", phone.wrong_code(), 401),
        ("totp", phone.wrong_code(), 401),
    ]
    for method, code, status in tries:
        asked = App().post(TOKEN, {"email": EMAIL, "password": PASSWORD}).json()
        answer = App().post(MFA, {"challenge": asked["challenge"], "method": method, "code": code})
        assert answer.status_code == status, answer.content


def _ask_for_mails(app: App, bob: User) -> None:
    for path in (CODE, RESET):
        assert App().post(path, {"email": EMAIL}).status_code == 202
    assert app.post(f"{ME}email/", {"email": WANTED}).status_code == 202
    bobs = App()
    bobs.sign_in(bob.email or "")
    assert bobs.post(f"{ME}email/", {"email": EMAIL}).status_code == 202


def _manage(app: App, bob: User) -> None:
    for act in ("disable", "enable"):
        assert app.post(f"/api/v1/users/{bob.id}/{act}/").status_code == 200
    assert app.post("/api/v1/users/", {"email": INVITED}).status_code == 201
