"""A mobile app as the tests play it: signs in over HTTP and keeps its tokens."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

PASSWORD = "correct horse battery staple"


@dataclass
class App:
    """`access` and `refresh` are those of the last answer."""

    http: Client = field(default_factory=Client)
    access: str = ""
    refresh: str = ""
    device: str = ""

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.http.post(
            path, body if body is not None else {}, content_type="application/json", headers=self._headers(headers)
        )

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.http.patch(path, body, content_type="application/json", headers=self._headers(headers))

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.http.get(path, headers=self._headers(headers))

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.http.delete(path, headers=self._headers(headers))

    def delete_with(self, path: str, body: Any) -> HttpResponse:
        """A DELETE that wants words."""
        return self.http.delete(path, body, content_type="application/json", headers=self._headers({}))

    def sign_in(self, email: str, password: str = PASSWORD, **body: Any) -> HttpResponse:
        return self._keep(self.post("/auth/token/", {"email": email, "password": password, **body}))

    def rotate(self, refresh: str | None = None, *, key: str = "", **body: Any) -> HttpResponse:
        headers = {"Idempotency-Key": key} if key else {}
        return self._keep(self.post("/auth/token/refresh/", {"refresh": refresh or self.refresh, **body}, **headers))

    def _keep(self, answer: HttpResponse) -> HttpResponse:
        if answer.status_code == 200:
            pair = answer.json()
            self.access, self.refresh, self.device = pair["access"], pair["refresh"], pair["device"]
        return answer

    def _headers(self, extra: dict[str, str]) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.access}"} if self.access else {}), **extra}
