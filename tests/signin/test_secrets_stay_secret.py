"""Nothing that was issued or typed shows in a log, an audit event or an error (SECURITY G-01, G-02, G-05)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, RequestFactory
from django.views.debug import get_exception_reporter_class
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from accounts.keys import rotation
from accounts.management.commands.worker import work
from accounts.users.models import User
from project.logs import JsonFormatter
from tests.conftest import signed_in
from tests.support import forge
from tests.support.acceptors import ACCEPTORS
from tests.support.app import PASSWORD, App
from tests.support.canary import written

from .conftest import Guess

pytestmark = pytest.mark.django_db
Committing = Callable[[], AbstractContextManager[object]]
TYPED = "Tr0ub4dor-typed-into-the-wrong-field"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """As with LOG_LEVEL=DEBUG: every logger but those that the settings keep quiet."""
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.request", "signet"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]) -> Committing:
    """Lines of the audit log follow a commit, and no test commits."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def every_flow(app: App) -> list[str]:
    """Sign in, refresh, lose answers, sign out, forge, fail; answers every secret that was issued or sent."""
    secrets = [app.access, app.refresh, PASSWORD, TYPED, "retry-key-0123456789"]
    stolen = app.refresh
    for _ in range(3):
        app.rotate(key="retry-key-0123456789")
        secrets += [app.access, app.refresh]
    for kind in ACCEPTORS.values():
        acceptor = kind(app)
        secrets.append(acceptor.genuine())
        acceptor.present(secrets[-1])
        acceptor.present(secrets[-1][:-2])
    for token in secrets[:]:
        ACCEPTORS["bearer"](app).present(token)
        ACCEPTORS["verify"](app).present(token)
        app.post("/auth/token/revoke/", {"refresh": token + "x"})
        Client().get(f"/guarded/?token={token}")
        Client().get(f"/nowhere/{token}")
    App().rotate(stolen)
    Client().post("/auth/token/", {"email": TYPED, "password": TYPED}, content_type="application/json")
    Client().post("/account/sign-in/", {"email": TYPED, "password": TYPED})
    Client().post("/auth/token/", b"{" + PASSWORD.encode(), content_type="application/json")
    rotation.pull(forge.active_key().kid)
    work()
    return secrets


def test_G01_no_secret_reaches_the_log(
    app: App, settings: Settings, log: pytest.LogCaptureFixture, committing: Committing
) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"
    with committing():
        secrets = every_flow(app)
    text = written(record for record in log.records if "/nowhere/" not in record.getMessage())
    assert "refresh_token.reused" in text
    assert "sign_in.failed" in text
    for secret in secrets:
        assert secret not in text, secret[:20]
        assert secret.rpartition(".")[2][:24] not in text


def test_G01_what_a_client_puts_into_a_path_is_redacted(app: App, log: pytest.LogCaptureFixture) -> None:
    for secret in (app.access, app.refresh):
        Client().get(f"/nowhere/{secret}")
    lines = "".join(JsonFormatter().format(record) for record in log.records if "/nowhere/" in record.getMessage())
    assert "[redacted]" in lines
    assert app.access not in lines
    assert app.refresh not in lines


def test_G01_control_the_canary_sings(log: pytest.LogCaptureFixture) -> None:
    logging.getLogger("signet.test").debug("a %s", "secret-one", extra={"token": "secret-two"})
    try:
        raise ValueError("secret-three")
    except ValueError:
        logging.getLogger("signet.test").exception("failed")
    assert all(secret in written(log.records) for secret in ("secret-one", "secret-two", "secret-three"))


@pytest.fixture
def broken_insert() -> Iterator[None]:
    """The device cannot be written, and nobody expected that."""

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "accounts_device"'):
            raise RuntimeError("something unforeseen")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


def test_G02_unforeseen_error_tells_nothing(alice: User, broken_insert: None, log: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post("/auth/token/", {"email": alice.email, "password": PASSWORD}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert b"unforeseen" not in answer.content
    text = written(log.records)
    assert "something unforeseen" in text
    assert PASSWORD not in text
    assert not User.objects.get().devices.exists()


def test_G02_error_report_hides_what_was_typed(app: App, broken_insert: None) -> None:
    """What would be mailed to administrators or sent to a collector."""
    planted = uuid4().hex
    client = Client(HTTP_COOKIE=f"signet={planted}", HTTP_AUTHORIZATION=f"Bearer {app.access}")
    with pytest.raises(RuntimeError) as failed:
        client.post("/account/sign-in/", {"email": "alice@example.com", "password": PASSWORD})
    request = RequestFactory().post(f"/account/sign-in/?link={planted}", {"password": PASSWORD}, HTTP_COOKIE=f"signet={planted}")
    reporter = get_exception_reporter_class(request)(request, failed.type, failed.value, failed.tb)
    ours = [planted, PASSWORD, app.access, app.refresh, django_settings.SECRET_KEY, django_settings.ENCRYPTION_KEYS[0]]
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "something unforeseen" in report
        assert [secret for secret in ours if secret in report] == []


def test_G05_unknown_name_is_kept_as_a_keyed_hash(guess: Guess, log: pytest.LogCaptureFixture, committing: Committing) -> None:
    with committing():
        guess(TYPED)
    event = AuditEvent.objects.get(event="sign_in.failed")
    assert TYPED.lower() not in str(event.__dict__).lower()
    assert len(event.details["typed"]) == 32
    assert TYPED.lower() not in written(log.records).lower()


def test_G05_one_name_has_one_hash(guess: Guess, alice: User) -> None:
    for email in (alice.email, "ALICE@example.com ", "bob@example.com"):
        guess(email)
    first, second, other = (
        AuditEvent.objects.filter(event="sign_in.failed").order_by("id").values_list("details__typed", flat=True)
    )
    assert first == second != other


def test_G03_log_lines_cannot_be_forged(alice: User, guess: Guess, log: pytest.LogCaptureFixture, committing: Committing) -> None:
    with committing():
        guess('alice@example.com\r\n{"level":"error"}', **{"User-Agent": 'x\r\n{"event":"forged"}\x1b[2J'})
        signed_in(alice)
    lines = [JsonFormatter().format(record) for record in log.records]
    assert lines
    assert all("\n" not in line and "\r" not in line and "\x1b" not in line for line in lines)
    assert "\n" not in "".join(AuditEvent.objects.values_list("user_agent", flat=True))
