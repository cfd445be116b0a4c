"""The notes service of examples/sso: what it answers for which token."""

import importlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from examples.verifiers.python.verifier import Refused, Unavailable

BOARD = "http://board.localhost:8102"
TOKENS = {
    "alice's": {"sub": "alice", "scope": "notes:read notes:write"},
    "bob's": {"sub": "bob", "scope": "notes:read notes:write"},
    "for reading": {"sub": "alice", "scope": "notes:read"},
    "for nothing": {"sub": "alice"},
}
Ask = Callable[..., tuple[int, dict[str, str], Any]]


class Verifier:
    """Knows these tokens; `examples/verifiers` has tests of its own."""

    def verify(self, token: str) -> dict[str, Any]:
        if token == "in an outage":
            raise Unavailable
        if token not in TOKENS:
            raise Refused
        return TOKENS[token]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    for name, value in {"ISSUER": "https://id.example.com", "AUDIENCE": "https://notes.example.com", "BOARD": BOARD}.items():
        monkeypatch.setenv(name, value)
    service = importlib.import_module("examples.sso.notes.__main__")
    monkeypatch.setattr(service, "verifier", Verifier())
    service.notes_of.clear()

    def asked(method: str, token: str = "", body: bytes = b"", path: str = "/notes") -> tuple[int, dict[str, str], Any]:
        seen: list[Any] = []
        sent = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        asked_with = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **sent, **asked_with}
        content = b"".join(service.application(environ, lambda *told: seen.extend(told)))
        return int(seen[0][:3]), dict(seen[1]), json.loads(content) if content else None

    return asked


def note(text: Any) -> bytes:
    return json.dumps({"text": text}).encode()


def test_notes_are_their_owners(ask: Ask) -> None:
    assert ask("POST", "alice's", note(" candles "))[0] == 201
    assert ask("GET", "alice's")[2] == {"notes": ["candles"]}
    assert ask("GET", "bob's")[2] == {"notes": []}


@pytest.mark.parametrize("token", ["", "forged"])
def test_without_a_good_token_it_is_401(ask: Ask, token: str) -> None:
    status, headers, _ = ask("GET", token)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize(("method", "token"), [("POST", "for reading"), ("GET", "for nothing")])
def test_without_the_scope_it_is_403(ask: Ask, method: str, token: str) -> None:
    status, headers, _ = ask(method, token, note("x"))
    assert status == 403
    assert "insufficient_scope" in headers["WWW-Authenticate"]


def test_outage_is_no_refusal(ask: Ask) -> None:
    status, headers, _ = ask("GET", "in an outage")
    assert (status, headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    "body", [b"[" * 1600, b"", b"[]", b"{}", b"7", b"{", note(""), note("  "), note(7), note("x" * 201), b"\xff"]
)
def test_what_is_no_note_is_400(ask: Ask, body: bytes) -> None:
    assert ask("POST", "alice's", body)[0] == 400
    assert ask("GET", "alice's")[2] == {"notes": []}


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("DELETE", "/notes")])
def test_there_is_nothing_else(ask: Ask, method: str, path: str) -> None:
    assert ask(method, "alice's", path=path)[0] == 404


@pytest.mark.parametrize(("method", "token"), [("OPTIONS", ""), ("GET", "alice's"), ("GET", "forged")])
def test_scripts_of_the_board_read_every_answer(ask: Ask, method: str, token: str) -> None:
    _, headers, _ = ask(method, token)
    assert headers["Access-Control-Allow-Origin"] == BOARD
    assert "authorization" in headers["Access-Control-Allow-Headers"]
