"""FastAPI + PyJWT: an async dependency verifies the token against a key that was loaded once."""

import os
from typing import Annotated, Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from benchmarks.answer import API_GUARDED_PATH, MESSAGE

ALGORITHM = os.environ["RIVAL_ALGORITHM"]
ISSUER = os.environ["RIVAL_ISSUER"]
_secret = os.environ["RIVAL_KEY"].encode()
KEY: Any = _secret if ALGORITHM == "HS256" else load_pem_public_key(_secret)

app = FastAPI()
bearer = HTTPBearer()


async def claims(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> dict[str, Any]:
    """Return the claims of a valid token (issuer, audience, expiry); 401 otherwise."""
    try:
        return jwt.decode(
            credentials.credentials,
            KEY,
            algorithms=[ALGORITHM],
            audience=ISSUER,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "sub"]},
        )
    except jwt.InvalidTokenError as refusal:
        raise HTTPException(401, "invalid token", {"WWW-Authenticate": "Bearer"}) from refusal


@app.get(API_GUARDED_PATH)
async def greeting(caller: Annotated[dict[str, Any], Depends(claims)]) -> dict[str, Any]:
    """Answer the common body."""
    return {"message": MESSAGE, "signed_in": bool(caller["sub"])}
