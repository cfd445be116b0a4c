"""Bodies as they arrive at the sign-in endpoints: charset, depth, size, unknown members (SECURITY S-01, S-02, S-10, P-03)."""

import json
import time

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.users.models import User
from tests.support.app import PASSWORD

pytestmark = pytest.mark.django_db
GOOD = {"email": "alice@example.com", "password": PASSWORD}


def sent(raw: bytes, content_type: str = "application/json", **headers: str) -> HttpResponse:
    return Client().generic("POST", "/auth/token/", raw, content_type, headers=headers)


def assert_still_open() -> None:
    assert sent(json.dumps(GOOD).encode()).status_code == 200


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-32", "latin-1", "utf-7", "UTF_16", '"utf-16"', "idna", "zlib", "unicode_escape", "x"]
)
def test_S10_other_charsets_are_refused(alice: User, charset: str) -> None:
    answer = sent(json.dumps(GOOD).encode("utf-16"), f"application/json; charset={charset}")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert_still_open()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_S10_utf8_by_any_name_is_read(alice: User, charset: str) -> None:
    assert sent(json.dumps(GOOD).encode(), f"application/json; charset={charset}").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_S10_other_types_are_refused(alice: User, content_type: str) -> None:
    assert sent(json.dumps(GOOD).encode(), content_type).status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_S10_compressed_bodies_are_refused(alice: User, encoding: str) -> None:
    assert sent(json.dumps(GOOD).encode(), **{"Content-Encoding": encoding}).status_code == 415


@pytest.mark.parametrize("path", ["", "refresh/", "verify/", "revoke/"])
def test_S02_depth_bomb_is_a_400(db: None, path: str) -> None:
    bombs = [
        b"[" * 3_000,
        b"[" * 3_000 + b"]" * 3_000,
        b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
        b"[" * 40 + b'"' + b'\\"' * 30_000,
    ]
    for bomb in bombs:
        started = time.process_time()
        answer = Client().post(f"/auth/token/{path}", bomb, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
        assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b'"x"', b"1", b"{}", b"{", b'{"email":1,"password":2}', b'{"email":["a"],"password":{}}']
)
def test_odd_bodies_are_a_400(alice: User, raw: bytes) -> None:
    answer = sent(raw)
    assert answer.status_code == 400
    assert set(answer.json()) <= {"code", "detail", "errors"}
    assert_still_open()


def test_J12_duplicate_member_is_refused(alice: User) -> None:
    raw = json.dumps(GOOD).encode()
    assert sent(raw[:-1] + b',"email":"bob@example.com"}').status_code == 400
    assert_still_open()


def test_unknown_member_is_refused(alice: User) -> None:
    for extra in ({"is_staff": True}, {"id": 1}, {"device": {"sid": "x"}}, {"username": "alice"}):
        answer = sent(json.dumps({**GOOD, **extra}).encode())
        assert answer.status_code == 400
        assert "unknown_field" in answer.content.decode()
    assert_still_open()


def test_P03_large_body_is_refused_at_once(alice: User) -> None:
    started = time.process_time()
    answer = sent(json.dumps({**GOOD, "password": "x" * 1_000_000}).encode())
    assert answer.status_code == 413
    assert time.process_time() - started < 0.25
    assert_still_open()
