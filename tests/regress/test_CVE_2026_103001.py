"""PyJWT CVE-2026-103001: options shared by calls were changed by one, and a later call verified nothing."""

import pytest

from accounts.core.errors import TokenInvalid
from accounts.keys import ring
from accounts.tokens import access, jose
from tests.support import forge
from tests.support.app import App

pytestmark = pytest.mark.django_db


def test_no_call_leaves_the_verifier_laxer(app: App) -> None:
    header, claims, _ = forge.opened(app.access)
    forged = [forge.unsigned({**header, "alg": alg}, claims) for alg in ("none", "HS256", "RS256", "ES256")]
    forged += [forge.signed({**header, "typ": typ}, claims, forge.our_signer()) for typ in ("JWT", "sso+jwt")]
    for _ in range(3):
        access.forget()
        assert access.verify(app.access).payload["sub"] == claims["sub"]
        for token in forged:
            with pytest.raises(TokenInvalid):
                access.verify(token)


def test_the_verifier_has_no_options_to_share(app: App) -> None:
    access.verify(app.access)
    caches = {"_jwks", "_KEY_TYPES"}
    assert {
        name for name, value in vars(jose).items() if isinstance(value, list | dict | set) and not name.startswith("__")
    } <= caches
    assert set(ring.current().verifying) >= {forge.opened(app.access)[0]["kid"]}
