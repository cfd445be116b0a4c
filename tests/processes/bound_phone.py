"""An installation that holds a key: each of its calls carries a proof (RFC 9449)."""

import json
from dataclasses import dataclass, field

from tests.support.key_holder import SoftKey, ath

from .phone import PASSWORD, Answer, Phone

ASKED = "/api/v1/me/access/"


@dataclass
class BoundPhone(Phone):
    """`nonce` is that of the last answer that brought one."""

    key: SoftKey = field(default_factory=SoftKey)
    nonce: str = ""

    def sign_in(self, email: str, password: str = PASSWORD) -> Answer:
        """Once to learn the nonce, once with it."""
        body = {"email": email, "password": password}
        self.post("/auth/token/", body)
        return self._keep(self.post("/auth/token/", body))

    def post(self, path: str, body: dict[str, str]) -> Answer:
        headers = {"Content-Type": "application/json", "DPoP": self.key.proof("POST", self.url + path, nonce=self.nonce)}
        answer = self.send("POST", path, headers, json.dumps(body))
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def proof(self) -> str:
        """For one `ask`."""
        return self.key.proof("GET", self.url + ASKED, nonce=self.nonce, ath=ath(self.access))

    def ask(self, access: str | None = None) -> Answer:
        shown = {"Authorization": f"DPoP {access or self.access}", "DPoP": self.proof()}
        answer = self.send("GET", ASKED, shown)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer
