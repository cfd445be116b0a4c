"""Where a bearer token may stand: in the header, nowhere else (RFC 6750 §2.2 and §2.3 are not offered)."""

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support.app import App

PATH = "/api/v1/me/devices/revoke-others/"


def post_form(token: str, **headers: str) -> HttpResponse:
    body = f"access_token={token}"
    return Client().post(PATH, body, content_type="application/x-www-form-urlencoded", headers=headers)


def test_token_in_a_form_is_refused(app: App) -> None:
    assert post_form(app.access).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer"])
def test_empty_bearer_header_is_refused(app: App, header: str) -> None:
    assert Client().get("/api/v1/me/", headers={"Authorization": header}).status_code == 401
