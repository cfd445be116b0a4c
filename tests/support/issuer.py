"""An OpenID issuer over real HTTP on the loopback: keys, discovery, and knobs for everything that can be wrong with them."""

import gzip
import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from accounts.keys import material

from . import forge

CLIENT_ID = "com.example.app"
_BOMB = gzip.compress(b'{"keys": [' + b" " * 10_000_000 + b"]}")


@dataclass
class Key:
    """A key pair of the issuer, and how it publishes the public half."""

    private: Any
    kid: str
    algorithm: str
    published: dict[str, Any] = field(default_factory=dict)

    @property
    def jwk(self) -> dict[str, Any]:
        public = material.public_jwk(self.private.public_key())
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm, **self.published}

    def sign(self, message: bytes) -> bytes:
        return (forge.rs256 if self.algorithm == "RS256" else forge.es256)(self.private)(message)


def rsa_key(kid: str, bits: int = 2048) -> Key:
    return Key(rsa.generate_private_key(public_exponent=65537, key_size=bits), kid, "RS256")


def ec_key(kid: str) -> Key:
    return Key(ec.generate_private_key(ec.SECP256R1()), kid, "ES256")


_RSA = rsa_key("upstream-rsa")


@dataclass
class Issuer:
    """`metadata` overrides the discovery document; `paths` counts what was asked; `mode` is how the server behaves."""

    url: str = ""
    key: Key = field(default_factory=lambda: _RSA)
    keys: list[Key] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    mode: str = "fine"
    nonce: str = ""
    """In place of the one that was asked for, at the token endpoint."""
    signed_in_at: int | None = None
    """When the person last signed in there, if it says so. Whoever asks for a younger `max_age` makes them do it again."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def claims(self, **claims: Any) -> dict[str, Any]:
        """Of an ID token that is in order; None leaves one out."""
        current = int(time.time())
        told = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "upstream-1",
            "iat": current,
            "exp": current + 3600,
            "email": "carol@example.com",
            "email_verified": True,
            "name": "Carol",
            **claims,
        }
        return {name: value for name, value in told.items() if value is not None}

    def id_token(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        return self.signed(self.claims(**claims), header)

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        plain = {"alg": self.key.algorithm, "kid": self.key.kid, "typ": "JWT", **(header or {})}
        return forge.signed({name: value for name, value in plain.items() if value is not None}, claims, self.key.sign)

    def notice(self, happened: Any, /, **claims: Any) -> str:
        """A security event token, or one of Apple's, when what `happened` is a string."""
        told = {"iss": self.url, "aud": CLIENT_ID, "iat": int(time.time()), "jti": uuid.uuid4().hex, "events": happened, **claims}
        return self.signed({name: value for name, value in told.items() if value is not None}, {"typ": "secevent+jwt"})

    def setting(self, **members: Any) -> dict[str, Any]:
        """What FEDERATED_PROVIDERS says of it."""
        return {"issuer": self.url, "client_ids": [CLIENT_ID], **members}

    def authorize(self, url: str) -> dict[str, str]:
        """What the browser brings back after its owner has said yes."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        if self.signed_in_at is not None and time.time() - self.signed_in_at > int(asked.get("max_age", 10**9)):
            self.signed_in_at = int(time.time())
        return {"code": code, "state": asked["state"], "iss": self.url}

    def exchange(self, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint: a code once, for the verifier and the address that it was asked for with (RFC 6749 §5.2).

        About the person whom `login_hint` named, or about Carol.
        """
        self.posts.append((authorization, form))
        asked = self.codes.pop(form["code"], None)
        verified = forge.b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (verified, form["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        person = {"sub": hint, "email": hint} if (hint := asked.get("login_hint")) else {}
        told = self.id_token(nonce=self.nonce or asked["nonce"], auth_time=self.signed_in_at, **person)
        return 200, {"token_type": "Bearer", "access_token": "x", "id_token": told}

    def document(self, path: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            endpoints = {"authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token"}
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **endpoints, **self.metadata}
        return {"keys": [key.jwk for key in self.keys or [self.key]]}


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    """On a free port; stopped afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize?"):
                return _send_back(self, issuer)
            issuer.paths.append(self.path)
            return _answer(self, issuer)

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            status, answer = issuer.exchange(self.headers.get("Authorization", ""), form)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send_back(handler: BaseHTTPRequestHandler, issuer: Issuer) -> None:
    """As a browser sees it, whose owner says yes at once."""
    asked = dict(parse_qsl(urlsplit(handler.path).query))
    handler.send_response(302)
    handler.send_header("Location", f"{asked['redirect_uri']}?{urlencode(issuer.authorize(handler.path))}")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _answer(handler: BaseHTTPRequestHandler, issuer: Issuer) -> None:
    body, status, headers = json.dumps(issuer.document(handler.path)).encode(), 200, {}
    match issuer.mode:
        case "redirect" if not handler.path.startswith("/moved"):
            status, headers = 302, {"Location": f"{issuer.url}/moved{handler.path}"}
        case "error":
            status = 500
        case "large":
            body += b" " * 10_000_000
        case "bomb":
            body, headers = _BOMB, {"Content-Encoding": "gzip"}
        case "zipped":
            body, headers = gzip.compress(body), {"Content-Encoding": "gzip"}
        case "not json":
            body = b"<html>"
    try:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        _write(handler, body, issuer)
    except OSError:
        return


def _write(handler: BaseHTTPRequestHandler, body: bytes, issuer: Issuer) -> None:
    if issuer.mode == "dripping":
        for byte in body:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.5)
    elif issuer.mode == "silent":
        time.sleep(20)
    else:
        handler.wfile.write(body)
