"""Safe methods change nothing, and no request is taken for another method than its own (SECURITY C-11)."""

from typing import Any

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser, paths, rows

DISGUISES: list[dict[str, str]] = [
    {"X_HTTP_Method_Override": "DELETE"},
    {"X_HTTP_Method": "DELETE"},
    {"X_Method_Override": "DELETE"},
]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_C11_safe_methods_leave_every_table_as_it_was(roots: Browser, method: str) -> None:
    before, device = rows(), Device.objects.values().get()
    for path in paths():
        roots.http.generic(method, path, headers={"X-CSRFToken": roots.csrf})
    assert rows() == before
    assert Device.objects.values().get() == device


@pytest.mark.parametrize("headers", DISGUISES)
def test_C11_override_headers_are_ignored(app: App, headers: dict[str, str]) -> None:
    path = f"/api/v1/me/devices/{app.device}/"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for method in ("GET", "POST"):
        app.http.generic(method, path, headers={"Authorization": f"Bearer {app.access}", **named})
    assert Device.objects.get(pk=app.device).revoked_at is None
    assert app.delete(path).status_code == 204


@pytest.mark.parametrize("field", ["_method", "_content", "_content_type", "X-HTTP-Method-Override"])
def test_C11_override_fields_are_ignored(app: App, alice: User, field: str) -> None:
    body: dict[str, Any] = {field: "DELETE"}
    answer = app.post(f"/api/v1/me/devices/{app.device}/?{field}=DELETE", body)
    assert answer.status_code == 405
    assert Device.objects.get(pk=app.device).revoked_at is None


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "get", "FOO"])
def test_C11_other_methods_are_refused(alices: Browser, method: str) -> None:
    for path in ("/", "/account/security/", "/admin/", "/api/v1/me/", "/auth/token/"):
        assert alices.http.generic(method, path).status_code == 405, path
