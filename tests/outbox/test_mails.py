"""Every mail template: rendered as text and HTML, escaped, without anything missing (SECURITY L-03)."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as sent
from django.test import override_settings

from accounts.outbox import mail

TEMPLATES = sorted(path.parent.name for path in Path("templates/email").glob("*/subject.txt"))
URL = "http://testserver/account/security/"
CONTEXT: dict[str, Any] = {
    "name": "Alice <b>O'Hara</b> & Söhne",
    "inviter_name": "Bob <script>alert(1)</script>",
    "device_name": "Phone <img src=x>",
    "platform": "ios",
    "address": "203.0.113.9",
    "occurred_at": "2026-11-24 00:00 UTC",
    "devices_url": URL,
    "url": "http://testserver/account/reset/?token=abc&x=1",
    "expires_hours": 24,
}


def rendered(template: str, **context: Any) -> tuple[str, str, str]:
    sent.outbox.clear()
    with override_settings(TEMPLATES=strict_templates()):
        mail.send({"template": template, "to": "alice@example.com", "context": {**CONTEXT, **context}})
    (message,) = sent.outbox
    return message.subject, message.body, message.alternatives[0].content


def strict_templates() -> list[dict[str, Any]]:
    """A variable that nobody gives shows as such."""
    (engine,) = settings.TEMPLATES
    return [{**engine, "OPTIONS": {**engine["OPTIONS"], "string_if_invalid": "[missing %s]"}}]


def test_there_are_mails() -> None:
    assert {"device_ended_for_reuse", "invitation", "password_changed", "set_password"} <= set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_is_complete(template: str) -> None:
    subject, text, html = rendered(template)
    assert "\n" not in subject
    assert 5 < len(subject) < 100
    for part in (text, html):
        assert "[missing" not in part
        assert "None" not in part
        assert "{{" not in part
        assert "{%" not in part
        assert "http://testserver/account/" in part


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_people_call_themselves_is_escaped_in_html(template: str) -> None:
    _, text, html = rendered(template)
    for tag in ("<b>O'Hara", "<script>", "<img src=x>"):
        assert tag not in html
    assert "Alice &lt;b&gt;" in html
    assert "Alice <b>O'Hara</b> & Söhne" in text


@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_is_whole_without_a_name(template: str) -> None:
    _, text, html = rendered(template, name="", inviter_name="", device_name="", platform="", address="")
    for part in (text, html):
        assert "Hello ," not in part
        assert "()" not in part
        assert "[missing" not in part


@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_loads_nothing_from_elsewhere(template: str) -> None:
    html = rendered(template, name="Alice", inviter_name="Bob", device_name="Phone")[2]
    for mark in ("<img", "<script", "<link", "@import", "url(", "src="):
        assert mark not in html


def test_subject_cannot_carry_a_second_header() -> None:
    subject = rendered("invitation", inviter_name="Bob\r\nBcc: mallory@example.com")[0]
    assert "\n" not in subject
    assert "\r" not in subject
