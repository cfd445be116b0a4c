"""joserfc CVE-2025-65015: a token that was too large was written to the log whole."""

import pytest
from pytest_django import Settings

from tests.support.acceptors import ACCEPTORS
from tests.support.app import App
from tests.support.canary import written


@pytest.mark.django_db
@pytest.mark.parametrize("size", [600, 9_000, 60_000])
def test_large_token_is_not_logged(app: App, caplog: pytest.LogCaptureFixture, size: int, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"
    caplog.set_level("DEBUG")
    header, claims, signature = app.access.split(".")
    for token in (f"{'A' * size}.{claims}.{signature}", f"{header}.{'A' * size}.{signature}", f"{header}.{claims}.{'A' * size}"):
        for name in ("bearer", "verify", "cookie", "link"):
            assert not ACCEPTORS[name](app).takes(token)
    assert "Unauthorized" in written(caplog.records)
    assert "A" * 64 not in written(caplog.records)
