"""An installation that talks to a real server over one kept-alive connection. Knows the wire, nothing of the project."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "correct horse battery staple"
SECONDS = 30.0


class Silence(Exception):
    """No answer came: refused, reset, or cut off in the middle."""


@dataclass(frozen=True)
class Answer:
    """`sent` and `took` in seconds, on the monotonic clock."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    sent: float
    took: float


@dataclass
class Phone:
    """`access` and `refresh` are those of the last answer that it got."""

    url: str
    access: str = ""
    refresh: str = ""
    device: str = ""
    address: str = "127.0.0.1"
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=SECONDS, source_address=(self.address, 0))

    def close(self) -> None:
        self.connection.close()

    def sign_in(self, email: str, password: str = PASSWORD) -> Answer:
        return self._keep(self.post("/auth/token/", {"email": email, "password": password}))

    def rotate(self, refresh: str | None = None) -> Answer:
        return self._keep(self.post("/auth/token/refresh/", {"refresh": refresh or self.refresh}))

    def sign_out(self, refresh: str | None = None) -> Answer:
        return self.post("/auth/token/revoke/", {"refresh": refresh or self.refresh})

    def ask(self, access: str | None = None) -> Answer:
        """Shows the access token to a guarded view that needs no database."""
        return self.send("GET", "/api/v1/me/access/", {"Authorization": f"Bearer {access or self.access}"})

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self.send("POST", path, {"Content-Type": "application/json"}, json.dumps(body))

    def send(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
        """Raises `Silence`; the next call connects anew."""
        sent = time.monotonic()
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Silence(path) from error
        return Answer(answer.status, json.loads(raw or b"{}"), answer.headers, sent, time.monotonic() - sent)

    def _keep(self, answer: Answer) -> Answer:
        if answer.status == 200:
            self.access, self.refresh, self.device = (answer.body[name] for name in ("access", "refresh", "device"))
        return answer
