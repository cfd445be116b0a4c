"""Somebody in a browser that talks to a real server: keeps cookies, fills in the CSRF field. Knows the wire alone."""

import time
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from .phone import PASSWORD, SECONDS, Answer

SIGN_IN, SIGN_OUT, SECURITY = (f"/account/{page}/" for page in ("sign-in", "sign-out", "security"))


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *args: Any) -> None:
        return None


class Visitor:
    """Has opened the sign-in page."""

    def __init__(self, url: str) -> None:
        self.url, self.jar = url, CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Stay)
        self.get(SIGN_IN)

    def sign_in(self, email: str) -> Answer:
        return self.post(SIGN_IN, {"email": email, "password": PASSWORD})

    def get(self, path: str) -> Answer:
        return self._send(path, None)

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        token = next(cookie.value for cookie in self.jar if "csrf" in cookie.name) or ""
        return self._send(path, urlencode({"csrfmiddlewaretoken": token, **(fields or {})}).encode())

    def _send(self, path: str, body: bytes | None) -> Answer:
        """Without the page itself."""
        asked = urllib.request.Request(self.url + path, body, {"Accept": "text/html"})
        sent = time.monotonic()
        try:
            answer = self._opener.open(asked, timeout=SECONDS)
        except HTTPError as refused:
            answer = refused
        with answer:
            answer.read()
        return Answer(answer.status, {}, answer.headers, sent, time.monotonic() - sent)
