"""Django's test client over a socket: `Browser`, `App` and `Flow` do at a running server what they do in this process."""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, cast
from urllib.parse import quote, urlsplit

from django.http import HttpResponse
from django.http.request import HttpHeaders
from django.test import Client

from tests.support.browser import Answer, Browser

_SECONDS = 30.0


class _Heard(HttpResponse):
    """An answer as it came over the line."""

    def json(self) -> Any:
        return json.loads(self.content)


class Wire(Client):
    """Keeps the cookies of one visitor of the server at `url`; `headers` go with every request."""

    def __init__(self, url: str, **headers: str) -> None:
        super().__init__(headers=headers)
        self.url = url

    def request(self, **request: Any) -> Answer:
        """Nothing in this process answers."""
        environ = {**self.defaults, **request}
        path, query = quote(environ["PATH_INFO"], encoding="latin-1"), environ["QUERY_STRING"]
        body = environ["wsgi.input"].read() if "wsgi.input" in environ else None
        with closing(HTTPConnection(urlsplit(self.url).netloc, timeout=_SECONDS)) as line:
            headers = {**HttpHeaders(environ), **self._cookies()}
            line.request(environ["REQUEST_METHOD"], f"{path}?{query}" if query else path, body, headers)
            came = line.getresponse()
            answer = _Heard(came.read(), status=came.status, headers=dict(came.headers.items()))
        del answer["Set-Cookie"]
        for cookie in came.headers.get_all("Set-Cookie", []):
            answer.cookies.load(cookie)
        self.cookies.update(answer.cookies)
        return cast("Answer", answer)

    def _cookies(self) -> dict[str, str]:
        """Without those that were taken back."""
        kept = [f"{cookie.key}={cookie.coded_value}" for cookie in self.cookies.values() if cookie.value]
        return {"Cookie": "; ".join(kept)} if kept else {}


def browser_at(url: str) -> Browser:
    return Browser(Wire(url, Accept="text/html"))
