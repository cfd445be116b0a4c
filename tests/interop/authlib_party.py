"""A relying party that knows nothing of this project: Authlib for OAuth, joserfc for the ID token, httpx for a browser.

Run as a program, with the issuer, the client and the visitor in JSON; prints what each step came to, in JSON.
"""

import json
import sys
from typing import Any

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.interop.visitor import Visitor

VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"


def walk(issuer: str, client: dict[str, str], visitor: dict[str, str]) -> dict[str, Any]:
    metadata = httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
    party = OAuth2Client(
        client["id"],
        client["secret"],
        token_endpoint_auth_method=client["authentication"],
        revocation_endpoint_auth_method=client["authentication"],
        scope="openid profile email offline_access",
        redirect_uri=client["redirect_uri"],
        code_challenge_method="S256",
    )
    uri, state = party.create_authorization_url(metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="a nonce")
    browser = Visitor(issuer, httpx.Client(base_url=issuer))
    back = browser.let_in(uri, **visitor)
    token = party.fetch_token(metadata["token_endpoint"], authorization_response=back, code_verifier=VERIFIER, state=state)
    keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"]).claims
    told: dict[str, Any] = {"claims": claims, "userinfo": party.get(metadata["userinfo_endpoint"]).json()}
    fresh = party.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    told["rotated"] = fresh["refresh_token"] != token["refresh_token"]
    introspect = metadata["introspection_endpoint"]
    told["active"] = party.introspect_token(introspect, token=fresh["access_token"]).json()["active"]
    told["revoked"] = party.revoke_token(metadata["revocation_endpoint"], token=fresh["refresh_token"]).status_code
    told["afterwards"] = party.introspect_token(introspect, token=fresh["access_token"]).json()
    leaving = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": client["signed_out"], "state": "bye"}
    told["left"] = browser.http.get(metadata["end_session_endpoint"], params=leaving).headers["Location"]
    return told


if __name__ == "__main__":
    print(json.dumps(walk(**json.loads(sys.argv[1]))))
