"""Every mail template: rendered as text and HTML, escaped, without anything missing (SECURITY L-03)."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as sent
from django.test import override_settings

from accounts.outbox import mail
from accounts.outbox.enqueue import Notice

TEMPLATES = sorted(path.parent.name for path in Path("templates/email").glob("*/subject.txt"))
URL = "http://testserver/account/security/"
CONTEXT: dict[str, Any] = {
    "name": "Alice <b>O'Hara</b> & Söhne",
    "inviter_name": "Bob <script>alert(1)</script>",
    "device_name": "Phone <img src=x>",
    "platform": "ios",
    "address": "203.0.113.9",
    "occurred_at": datetime(2026, 11, 24, 12, 38, tzinfo=UTC),
    "devices_url": URL,
    "url": "http://testserver/account/reset/?token=abc&x=1",
    "expires_hours": 24,
    "expires_minutes": 10,
    "expires_days": 7,
    "due_at": datetime(2026, 12, 8, tzinfo=UTC),
    "code": "042137",
    "not_me_url": "http://testserver/account/not-me/?token=abc&x=1",
    "factor": "totp",
    "factor_name": "Key <b>1",
    "left": 3,
    "new_address": "c…@example.com",
    "restored": "a…@example.com",
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


def test_first_password_is_not_called_a_change() -> None:
    for part in rendered("password_changed", is_first=True)[1:]:
        assert "had no password" in part
    for part in rendered("password_changed", is_first=False)[1:]:
        assert "had no password" not in part


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
def test_every_colour_has_one_for_the_dark(template: str) -> None:
    head, _, body = rendered(template)[2].partition("</style>")
    lights = set(re.findall(r"(?:bgcolor=.|(?<!-)color:|solid )#[0-9a-f]{6}", body))
    assert lights
    assert [light for light in lights if light not in head] == []


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


CODED = [template for template in TEMPLATES if "code.html" in Path(f"templates/email/{template}/body.html").read_text()]


def test_every_mail_that_is_sent_has_its_templates() -> None:
    sources = "".join(path.read_text() for path in Path("accounts").rglob("*.py"))
    sent_by_name = set(re.findall(r'enqueue\.mail\(\s*"(\w+)"', sources))
    assert len(sent_by_name) > 5
    assert sent_by_name | {notice.value for notice in Notice} <= set(TEMPLATES)


@pytest.mark.parametrize("template", CODED)
def test_code_is_in_the_text_in_two_groups_and_never_in_the_subject(template: str) -> None:
    subject, text, html = rendered(template, inviter_name="Bob")
    assert "042 137" in text
    assert re.search(r"042</span><span>137", html)
    assert not re.search(r"\d", subject)


@pytest.mark.parametrize("template", CODED)
def test_code_is_not_in_what_a_lock_screen_shows_of_a_mail(template: str) -> None:
    preview = re.search(r'<div style="display:none[^>]*>(.*?)</div>', rendered(template)[2], re.DOTALL)
    assert preview
    assert "042" not in preview[1]


@pytest.mark.parametrize("template", [notice.value for notice in Notice])
def test_notice_has_a_button_for_whom_it_was_not(template: str) -> None:
    _, text, html = rendered(template)
    assert "http://testserver/account/not-me/?token=abc&x=1" in text
    assert 'href="http://testserver/account/not-me/?token=abc&amp;x=1"' in html
    assert "This wasn’t me" in html


@pytest.mark.parametrize(("factor", "says"), [("passkey", "A passkey"), ("identity", "Google"), ("totp", "authenticator app")])
@pytest.mark.parametrize("template", ["factor_added", "factor_removed"])
def test_notice_names_what_was_added_or_removed(template: str, factor: str, says: str) -> None:
    for part in rendered(template, factor=factor, factor_name="Google"):
        assert says in part


def test_mails_about_a_change_of_address_name_the_other_one_masked() -> None:
    for part in rendered("address_change_requested")[1:]:
        assert "c…@example.com" in part
        assert "Nothing has changed yet" in part
    for part in rendered("email_change_undone")[1:]:
        assert "a…@example.com" in part
