"""GET and POST /notes, by `Authorization: Bearer`.

Tokens are checked here, with Signet's public keys and its list of what ended: no request of a visitor causes one to Signet.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from examples.sso.serving import serve
from examples.verifiers.python.verifier import Refused, Unavailable, Verifier

verifier = Verifier(os.environ["ISSUER"], audience=os.environ["AUDIENCE"])
NEEDED = {"GET": "notes:read", "POST": "notes:write"}
LONGEST = 200
CORS = {
    # The one origin whose scripts may read the answers. A server, as the shop has, needs no permission.
    "Access-Control-Allow-Origin": os.environ["BOARD"],
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Expose-Headers": "WWW-Authenticate",
    "Access-Control-Max-Age": "600",
}

Environ = dict[str, Any]
Answer = tuple[str, dict[str, str], Any]
notes_of: dict[str, list[str]] = defaultdict(list)
"""By `sub`, which is the same at every client."""


def application(environ: Environ, start_response: Callable[..., object]) -> list[bytes]:
    status, headers, body = answer(environ)
    content = b"" if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json", "Content-Length": str(len(content)), "Cache-Control": "no-store"}
    start_response(status, [*kind.items(), *CORS.items(), *headers.items()])
    return [content]


def answer(environ: Environ) -> Answer:
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return "204 No Content", {}, None
    if environ["PATH_INFO"] != "/notes" or method not in NEEDED:
        return "404 Not Found", {}, {"error": "not_found"}
    try:
        claims = verifier.verify(bearer(environ))
    except Refused:
        return "401 Unauthorized", {"WWW-Authenticate": 'Bearer error="invalid_token"'}, {"error": "invalid_token"}
    except Unavailable:
        # Not 401: an application would take that for a sign-out.
        return "503 Service Unavailable", {"Retry-After": "5"}, {"error": "unavailable"}
    if NEEDED[method] not in claims.get("scope", "").split():
        wanted = f'Bearer error="insufficient_scope", scope="{NEEDED[method]}"'
        return "403 Forbidden", {"WWW-Authenticate": wanted}, {"error": "insufficient_scope"}
    return listed(claims["sub"]) if method == "GET" else added(claims["sub"], environ)


def bearer(environ: Environ) -> str:
    """Raises `Refused`."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("no token")
    return str(token)


def listed(sub: str) -> Answer:
    return "200 OK", {}, {"notes": notes_of[sub]}


def added(sub: str, environ: Environ) -> Answer:
    try:
        length = max(0, min(int(environ.get("CONTENT_LENGTH") or 0), 8 * LONGEST))
        text = json.loads(environ["wsgi.input"].read(length))["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST:
        return "400 Bad Request", {}, {"error": "invalid_note"}
    notes_of[sub].append(text.strip())
    return "201 Created", {}, {"notes": notes_of[sub]}


if __name__ == "__main__":
    serve(application, int(os.environ["PORT"]))
