"""What is given as a refresh token need not be one: revoking it is done, refreshing it is refused (RFC 7009 §2.2)."""

import pytest

from tests.support.app import App

pytestmark = pytest.mark.django_db
STRINGS = ["x" * 201, "rt1." + "A" * 97, "y" * 20_000, "\x00" * 300, "é" * 300, " "]


@pytest.mark.parametrize("text", STRINGS, ids=lambda text: f"{len(text)} of {text[0]!r}")
def test_any_string_may_be_revoked_and_none_refreshes(app: App, text: str) -> None:
    assert app.post("/auth/token/revoke/", {"refresh": text}).status_code == 204
    answer = app.post("/auth/token/refresh/", {"refresh": text})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert app.rotate().status_code == 200


@pytest.mark.parametrize("value", [1, None, [], {}, True, ""])
def test_control_what_is_no_string_is_malformed(app: App, value: object) -> None:
    for path in ("/auth/token/revoke/", "/auth/token/refresh/"):
        assert app.post(path, {"refresh": value}).status_code == 400
