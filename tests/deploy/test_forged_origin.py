"""Nobody says who they are but the proxy: address, scheme and host cannot be set by a client, in either order of headers."""

import json
import sqlite3
import uuid

import pytest

from tests.deploy.edges import Edge, has_ipv6
from tests.deploy.wire import HOST, Address, Answer, ask, exchange
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

CLIENT = "127.0.0.9"
FORGED = [
    ("X-Forwarded-For: 6.6.6.6",),
    ("X_Forwarded_For: 6.6.6.6",),
    ("X-Forwarded-For: 6.6.6.6", "X_Forwarded_For: 7.7.7.7"),
    ("X_Forwarded_For: 7.7.7.7", "X-Forwarded-For: 6.6.6.6"),
    ("X-Forwarded_For: 6.6.6.6", "X_Forwarded-For: 7.7.7.7"),
    ("x_forwarded_for: 6.6.6.6", "X_FORWARDED_FOR: 7.7.7.7"),
    ("Forwarded: for=6.6.6.6;proto=http;host=evil.test",),
    ("Forwarded: for=6.6.6.6", "Forwarded: for=127.0.0.1"),
    ('Forwarded: for="[2001:db8::6]";by=203.0.113.43', "forwarded: for=_hidden"),
    ("Forwarded: for=6.6.6.6, for=127.0.0.1, for=::1",),
    ("Forwarded-For: 6.6.6.6", "X-Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6", "X_Real_IP: 6.6.6.6"),
    ("X-Forwarded-Proto: http", "X_Forwarded_Proto: ws", "X-Forwarded-Ssl: off", "X-Forwarded-Scheme: http"),
    ("X_Forwarded_Proto: http", "X-Forwarded-Proto: http"),
    ("X-Forwarded-Host: evil.test", "X_Forwarded_Host: evil.test", "X-Forwarded-Port: 80", "X-Forwarded-Server: evil.test"),
    ("X_Forwarded_Host: evil.test", "X-Forwarded-Host: evil.test", "X-Original-URL: /admin/", "X-Rewrite-URL: /admin/"),
    ("Connection: Forwarded, X-Forwarded-For", "X-Forwarded-For: 6.6.6.6"),
]


def believed(answer: Answer) -> tuple[str, str, str]:
    assert answer.status == 200, answer.body
    told = answer.json()
    return told["address"], told["scheme"], told["host"]


@pytest.mark.parametrize("headers", FORGED, ids=" + ".join)
def test_W01_a_client_cannot_forge_where_it_comes_from(proxy: Edge, headers: tuple[str, ...]) -> None:
    honest = (CLIENT, "https", HOST)
    assert believed(ask(proxy.at, "GET", "/mirror/honest/", source=CLIENT)) == honest
    assert believed(ask(proxy.at, "GET", "/mirror/forged/", headers=headers, source=CLIENT)) == honest


@pytest.mark.parametrize("headers", FORGED, ids=" + ".join)
def test_W01_nothing_forged_even_arrives(proxy: Edge, headers: tuple[str, ...]) -> None:
    arrived = ask(proxy.at, "GET", "/mirror/arrived/", headers=headers, source=CLIENT).json()["headers"]
    assert set(arrived) <= {"HTTP_HOST", "HTTP_FORWARDED", "HTTP_X_REQUEST_ID"}
    assert "6.6.6.6" not in json.dumps(arrived)


@pytest.mark.parametrize("headers", FORGED, ids=" + ".join)
def test_W01_a_stranger_cannot_forge_to_the_application_itself(direct: Edge, headers: tuple[str, ...]) -> None:
    answer = ask(direct.at, "GET", "/mirror/stranger/", headers=headers, source=CLIENT)
    assert believed(answer) == (CLIENT, "https", HOST)


def test_W01_only_a_trusted_proxy_is_believed(direct: Edge) -> None:
    headers = ("Forwarded: for=203.0.113.7;proto=https;host=id.example.test",)
    assert believed(ask(direct.at, "GET", "/mirror/a/", headers=headers, source="127.0.0.1"))[0] == "203.0.113.7"
    assert believed(ask(direct.at, "GET", "/mirror/a/", headers=headers, source="127.0.0.2"))[0] == "127.0.0.2"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_W01_an_ipv6_address_arrives(proxy: Edge) -> None:
    answer = ask(Address(proxy.at.port, proxy.at.certificate, ip="::1"), "GET", "/mirror/six/")
    assert answer.json()["address"] == "::1"
    assert 'for="[::1]"' in answer.json()["headers"]["HTTP_FORWARDED"]


def test_W01_the_audit_event_has_the_true_address(proxy: Edge, application: Server) -> None:
    body = json.dumps({"email": f"{uuid.uuid4()}@example.com", "password": "wrong wrong wrong"}).encode()
    headers = ("Content-Type: application/json", "X_Forwarded_For: 6.6.6.6", "Forwarded: for=6.6.6.6", "X-Forwarded-For: 6.6.6.6")
    answer = ask(proxy.at, "POST", "/auth/token/", headers=headers, body=body, source=CLIENT)
    assert answer.status == 401
    with sqlite3.connect(application.folder / "signet.sqlite3") as database:
        found = database.execute(
            "SELECT event, address FROM accounts_auditevent WHERE request_id = ?", [answer.headers["x-request-id"]]
        ).fetchall()
    database.close()
    assert found == [("sign_in.failed", CLIENT)]


def raw(*lines: str) -> bytes:
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


STRANGE_HOSTS = {
    "other": ("GET /mirror/host/ HTTP/1.1", "Host: evil.test"),
    "two": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST}", "Host: evil.test"),
    "two, ours last": ("GET /mirror/host/ HTTP/1.1", "Host: evil.test", f"Host: {HOST}"),
    "none": ("GET /mirror/host/ HTTP/1.1",),
    "none, HTTP/1.0": ("GET /mirror/host/ HTTP/1.0",),
    "empty": ("GET /mirror/host/ HTTP/1.1", "Host: "),
    "list": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST},evil.test"),
    "user part": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST}@evil.test"),
    "two ports": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST}:443:80"),
    "path": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST}/evil"),
    "subdomain": ("GET /mirror/host/ HTTP/1.1", f"Host: evil.{HOST}"),
    "prefix": ("GET /mirror/host/ HTTP/1.1", f"Host: {HOST}.evil.test"),
    "absolute form": ("GET http://evil.test/mirror/host/ HTTP/1.1", f"Host: {HOST}"),
}


@pytest.mark.parametrize("lines", STRANGE_HOSTS.values(), ids=STRANGE_HOSTS)
def test_W02_a_strange_host_is_refused_or_ignored(edge: Edge, lines: tuple[str, ...]) -> None:
    assert believed(ask(edge.at, "GET", "/mirror/host/"))[2] == HOST
    answers = exchange(edge.at, raw(*lines))
    for answer in answers:
        assert answer.status in {400, 404, 421} or believed(answer)[2] == HOST
        assert b"evil" not in answer.body
        assert not any("evil" in value for value in answer.headers.values())


@pytest.mark.parametrize("name", ["other", "two", "two, ours last", "list", "user part", "subdomain", "prefix"])
def test_W02_another_host_never_gets_an_answer_of_ours(edge: Edge, name: str) -> None:
    answers = exchange(edge.at, raw(*STRANGE_HOSTS[name]))
    assert [answer.status for answer in answers] in ([], [400], [404], [421])


def test_there_is_no_help_to_send_tokens_in_clear(nginx: Edge) -> None:
    answer = ask(Address(nginx.plain_port), "GET", "/api/v1/me/", headers=("Authorization: Bearer x",))
    assert answer.status == 403
    assert "location" not in answer.headers
