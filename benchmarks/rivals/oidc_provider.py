"""Sets npm oidc-provider up, which keeps everything in memory: what it needs to know lies in a file."""

import json
import secrets
from pathlib import Path

from benchmarks import node, relying_party
from benchmarks.contender import Contender
from benchmarks.sizes import HOLDERS, USERS


def oidc_provider(folder: Path) -> Contender:
    """With the same client and the same people as the others."""
    tokens = [secrets.token_urlsafe(32) for _ in range(HOLDERS)]
    told = folder / "oidc_provider.json"
    told.write_text(
        json.dumps(
            {
                "clientId": relying_party.CLIENT_ID,
                "redirectUri": relying_party.REDIRECT_URI,
                "challenge": relying_party.CHALLENGE,
                "nonce": relying_party.NONCE,
                "signInScope": relying_party.SIGN_IN_SCOPE,
                "userinfoScope": relying_party.USERINFO_SCOPE,
                "tokens": tokens,
                "people": [relying_party.address(number) for number in range(USERS)],
            }
        )
    )
    return Contender(
        name="oidc_provider",
        label="npm oidc-provider, in memory",
        environ={"RIVAL": str(told)},
        target=node.script("oidc_provider.mjs"),
        server="node",
        credentials=tuple(f"Bearer {token}" for token in tokens),
        guarded_path="/me",
        token_path="/token",
        client_id=relying_party.CLIENT_ID,
        codes_path="/codes",
    )
