"""Serve the files of the board. Any web server does: there is no secret here and nothing to compute."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.sso.serving import serve

HERE = Path(__file__).parent
ISSUER, NOTES, SHOP = os.environ["ISSUER"], os.environ["NOTES"], os.environ["SHOP"]
SETTINGS = {"issuer": ISSUER, "client_id": os.environ["CLIENT_ID"], "notes": NOTES, "shop": SHOP}
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "/": ("text/html; charset=utf-8", (HERE / "index.html").read_bytes),
    "/board.js": ("text/javascript", (HERE / "board.js").read_bytes),
    "/oidc-client-ts.js": ("text/javascript", Path(os.environ["OIDC_CLIENT_TS"]).read_bytes),
    "/look.css": ("text/css", (HERE.parent / "look" / "look.css").read_bytes),
    "/settings.json": ("application/json", lambda: json.dumps(SETTINGS).encode()),
}
HEADERS = {
    # The page holds a token: no script of anybody else's, and no way out but to these two.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    f"connect-src 'self' {ISSUER} {NOTES}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # Signet sends people back with a code in the address.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    kind, read = FILES.get(environ["PATH_INFO"], ("", None))
    if read is None:
        start_response("404 Not Found", [*HEADERS.items(), ("Content-Length", "0")])
        return [b""]
    content = read()
    start_response("200 OK", [*HEADERS.items(), ("Content-Type", kind), ("Content-Length", str(len(content)))])
    return [content]


if __name__ == "__main__":
    serve(application, int(os.environ["PORT"]))
