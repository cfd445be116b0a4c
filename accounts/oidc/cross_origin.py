"""Which scripts of other origins may read an answer: those of the client's own pages, and never with cookies (CORS).

There is none of it on pages, the authorization endpoint among them (SECURITY O-33).
"""

from django.http import HttpRequest

from . import uris
from .models import Client

_ASKED_FIRST = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, dpop, idempotency-key",
    "Access-Control-Max-Age": "600",
}
_READABLE = "WWW-Authenticate, Retry-After, X-Refresh, X-Request-Id, DPoP-Nonce"
FOR_EVERYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
OF_REFUSAL = {**FOR_EVERYBODY, "Access-Control-Expose-Headers": _READABLE}
"""Where the token or the form says whose script asks, and is not good: nothing is told about anybody, and the script has to see
why, and the nonce that is wanted of it (RFC 9449 §8)."""


def headers(request: HttpRequest, client: Client | None) -> dict[str, str]:
    """A browser that asks beforehand does not say for which client: it is let through, and the answer itself decides."""
    origin = request.headers.get("Origin")
    if not origin:
        return {}
    if request.method == "OPTIONS":
        return {**_ASKED_FIRST, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    if client is None or origin not in {uris.origin_of(uri) for uri in client.redirect_uris}:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _READABLE,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Origin",
    }
