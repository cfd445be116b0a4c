"""Nothing secret on any page of the admin, for superusers and for staff who may only look; nothing to be guessed by lookups."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib import admin

from accounts.core import secrets
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.outbox import enqueue
from accounts.outbox.models import OutboxMessage
from accounts.tokens import refresh
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser

LOOKUPS = [
    *("user/?password__startswith=argon2", "user/?password__regex=.", "user/?password=x", "user/?epoch__gt=0"),
    *("user/?devices__retry_key_hash__startswith=a", "user/?groups__permissions__codename=x", "user/?email__startswith=a"),
    *("user/?user_permissions__id__exact=1", "user/?is_superuser__exact=1", "user/?devices__mac_key_id=x"),
    *("device/?user__password__startswith=a", "device/?retry_key_hash__gt=", "device/?counter__gt=1"),
    *("device/?mac_key_id__startswith=a", "device/?user__epoch=1", "signingkey/?private_key_encrypted__gt="),
    *("signingkey/?private_key_encrypted__isnull=0", "signingkey/?public_jwk__x__startswith=a"),
    *("auditevent/?details__typed=a", "auditevent/?user_agent__contains=x"),
]
SECRET_COLUMNS = {"password", "private_key_encrypted", "retry_key_hash", "mac_key_id", "payload_encrypted"}
LOOKING = ("view_user", "view_group", "view_device", "view_signingkey", "view_auditevent")


def crawled(browser: Browser, start: str = "/admin/") -> dict[str, str]:
    """Every page that links lead to from the first; the text of each."""
    texts: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        texts[path] = answer.content.decode() + f'href="{answer.get("Location", "")}"'
        assert answer.status_code < 500, path
        if "?" not in path:  # From a filtered list the links lead to ever more combinations; sorting shows the same rows.
            links = re.findall(r'href="((?:/admin/|\?(?!o=))[^"#]*)', texts[path])
            found = {(link if link.startswith("/") else path + link).replace("&amp;", "&") for link in links}
            waiting += sorted(found - texts.keys() - set(waiting))
    return texts


@pytest.fixture
def inhabited(app: App, bobs_app: App, alice: User) -> list[str]:
    """A house with something in every cupboard; answers what no page may say."""
    app.rotate(key="0123456789abcdef")
    enqueue.mail("set_password", to=alice.email, user_id=alice.id, url="https://x/?token=secret")
    devices = Device.objects.all()
    return [
        *User.objects.values_list("password", flat=True),
        *SigningKey.objects.values_list("private_key_encrypted", flat=True),
        *OutboxMessage.objects.values_list("payload_encrypted", flat=True),
        *(refresh.current_token(device) for device in devices),
        *filter(None, devices.values_list("retry_key_hash", flat=True)),
        *(app.access, app.refresh, bobs_app.access, settings.SECRET_KEY, *settings.ENCRYPTION_KEYS, secrets.primary_key_id()),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("rank", ["superuser", "looking"])
def test_A04_no_page_shows_a_secret(inhabited: list[str], superuser: User, make_staff: Callable[..., User], rank: str) -> None:
    browser = Browser()
    browser.sign_in((superuser if rank == "superuser" else make_staff(*LOOKING)).email)
    pages = crawled(browser)
    assert len(pages) > 40
    assert any(path.endswith("/change/") and "/user/" in path for path in pages)
    for path, text in pages.items():
        found = [secret for secret in [*inhabited, browser.cookie, browser.value("known-device")] if secret in text]
        assert not found, path
        assert not re.search(r"argon2|rt1\.|eyJ[\w-]{10,}\.|PRIVATE KEY|\"d\":", text), path
        assert not SECRET_COLUMNS & set(re.findall(r'(?:field-|name=")([a-z_]+)', text)), path


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_A07_lookups_beyond_the_filters_are_refused(roots: Browser, alice: User, lookup: str) -> None:
    assert roots.get(f"/admin/accounts/{lookup.partition('?')[0]}").status_code == 200
    assert roots.get(f"/admin/accounts/{lookup}").status_code in {302, 400}


def test_A07_sorting_reaches_only_the_columns_shown(roots: Browser, alice: User) -> None:
    for order in ("password", "1.password", "99", "-99", "epoch"):
        answer = roots.get(f"/admin/accounts/user/?o={order}")
        assert answer.status_code in {200, 302, 400}
        if answer.status_code == 200:
            assert "password" not in str(answer.context["cl"].queryset.query.order_by)


def test_A07_no_filter_or_search_rests_on_a_secret() -> None:
    for page in admin.site._registry.values():
        named = {*page.search_fields, *page.list_display, *map(str, page.list_filter)}
        assert not {name.split("__")[-1] for name in named} & SECRET_COLUMNS
