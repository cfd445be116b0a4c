"""Mail leaves encrypted or not at all: a real SMTP server that offers no TLS (SECURITY L-17)."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.management.commands.worker import HANDLERS
from accounts.outbox import delivery, enqueue
from accounts.outbox.models import OutboxMessage
from project.environment import parse_mail
from tests.processes.sink import Sink, smtp_sink

pytestmark = [
    pytest.mark.django_db,
    # Django leaves the connection on which TLS failed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


def delivered(settings: Settings, url: str) -> int:
    """How many mails went out with this `EMAIL_URL`, of one."""
    for name, value in {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, **parse_mail(url)}.items():
        setattr(settings, name, value)
    enqueue.mail("set_password", to="alice@example.com", user_id=None, name="Alice", url="http://testserver/x", expires_hours=24)
    return delivery.deliver_due(HANDLERS)


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps", "smtp+ssl"])
def test_L17_without_tls_nothing_leaves_and_the_outbox_keeps_it(settings: Settings, sink: Sink, scheme: str) -> None:
    assert delivered(settings, f"{scheme}://mailer:secret@127.0.0.1:{sink.port}") == 0
    assert (sink.announced, sink.accepted) == (0, [])
    (kept,) = OutboxMessage.objects.all()
    assert (kept.attempts, kept.failed_at) == (1, None)
    assert kept.last_error in {"SMTPNotSupportedError", "SSLError"}


def test_L17_control_in_clear_it_would_have_left(settings: Settings, sink: Sink) -> None:
    assert delivered(settings, f"smtp://127.0.0.1:{sink.port}") == 1
    assert sink.accepted == ["alice@example.com"]
