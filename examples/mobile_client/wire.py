"""One request, one answer, or none: JSON over HTTP with the standard library."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any] | None


class NoAnswer(Exception):
    """The request may or may not have been done. `retry_after` in seconds, 0 when nobody said."""

    def __init__(self, reason: str, *, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their lower-case names."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code of a refusal; empty when there is none (a proxy's error page)."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def retry_after(self) -> float:
        seconds = self.headers.get("retry-after", "")
        return float(seconds) if seconds.isdecimal() else 0.0


Send = Callable[[str, str, Body, dict[str, str]], Answer]
"""(method, path, body, headers) → `Answer`; raises `NoAnswer`."""


class Http:
    """A connection a request, which a poor network ends anyway."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        self._secure, self._host, self._timeout = parts.scheme == "https", parts.netloc, timeout

    def __call__(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Answer:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, timeout=self._timeout)
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, content, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return Answer(response.status, _parsed(response), {name.lower(): value for name, value in response.getheaders()})
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            connection.close()


def _parsed(response: http.client.HTTPResponse) -> Any:
    """Half an answer is none: what is not whole raises."""
    content = response.read()
    is_json = response.headers.get_content_type().endswith("json")
    return json.loads(content) if content and is_json else None
