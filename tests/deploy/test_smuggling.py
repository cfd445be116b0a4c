"""Request smuggling: no two readers of ours see two different messages (RFC 9112 §6.3, §11.2)."""

import uuid

import pytest

from tests.deploy.edges import Edge
from tests.deploy.wire import HOST, ask, exchange

pytestmark = [pytest.mark.processes, pytest.mark.slow]

POST = f"POST /mirror/outer/ HTTP/1.1\r\nHost: {HOST}\r\n"


def hidden(name: str) -> str:
    """A second message that no proxy of ours would let through: its header name has an underscore."""
    return f"GET /mirror/{name}/ HTTP/1.1\r\nHost: {HOST}\r\nX_Smuggled: 1\r\n\r\n"


def cases(name: str) -> dict[str, str]:
    inner = hidden(name)
    size = len(inner)
    return {
        "length and chunks": f"{POST}Content-Length: {size + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        "chunks and length": f"{POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{size:x}\r\n{inner}\r\n0\r\n\r\n",
        "two lengths": f"{POST}Content-Length: 0\r\nContent-Length: {size}\r\n\r\n{inner}",
        "two lengths in one": f"{POST}Content-Length: 0, {size}\r\n\r\n{inner}",
        "length with a sign": f"{POST}Content-Length: +0\r\n\r\n{inner}",
        "length in hex": f"{POST}Content-Length: 0x0\r\n\r\n{inner}",
        "unknown coding": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}",
        "coding after chunked": f"{POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}",
        "chunked twice": f"{POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{inner}",
        "two codings": f"{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{inner}",
        "space before the colon": f"{POST}Transfer-Encoding : chunked\r\nContent-Length: {size + 5}\r\n\r\n0\r\n\r\n{inner}",
        "tab before the value": f"{POST}Transfer-Encoding:\x0bchunked\r\nContent-Length: {size + 5}\r\n\r\n0\r\n\r\n{inner}",
        "folded": f"{POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: {size + 5}\r\n\r\n0\r\n\r\n{inner}",
        "underscore": f"{POST}Transfer_Encoding: chunked\r\nContent-Length: {size + 5}\r\n\r\n0\r\n\r\n{inner}",
        "length with an underscore": f"{POST}Content_Length: {size}\r\nContent-Length: 0\r\n\r\n{inner}",
        "huge chunk": f"{POST}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n{inner}",
        "chunk with a sign": f"{POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n{inner}\r\n0\r\n\r\n",
        "chunk ended by LF": f"{POST}Transfer-Encoding: chunked\r\n\r\n1;\nx\r\n{size:x}\r\n{inner}\r\n0\r\n\r\n",
        "bare CR": f"{POST}X: a\rTransfer-Encoding: chunked\r\nContent-Length: {size + 5}\r\n\r\n0\r\n\r\n{inner}",
        "body of a GET": f"GET /mirror/outer/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\n\r\n{inner}",
        "line in the path": f"GET /mirror/outer/\r\nX: HTTP/1.1\r\nHost: {HOST}\r\n\r\n{inner}",
    }


@pytest.mark.parametrize("case", cases("x"))
def test_W04_nothing_slips_past_a_proxy(proxy: Edge, direct: Edge, case: str) -> None:
    name = f"inner-{uuid.uuid4().hex}"
    exchange(proxy.at, cases(name)[case].encode("latin-1"), timeout=4)
    assert f"smuggled {name}" not in ask(direct.at, "GET", "/mirrored").json()["names"]


@pytest.mark.parametrize("case", cases("x"))
def test_W04_the_next_request_gets_its_own_answer(proxy: Edge, case: str) -> None:
    exchange(proxy.at, cases("never")[case].encode("latin-1"), timeout=4)
    for number in range(4):
        answer = ask(proxy.at, "GET", f"/mirror/after-{number}/", source="127.0.0.7")
        assert answer.json()["name"] == f"after-{number}"
        assert answer.json()["address"] == "127.0.0.7"


REFUSED_BY_THE_APPLICATION = [
    "two lengths",
    "two lengths in one",
    "length with a sign",
    "length in hex",
    "unknown coding",
    "coding after chunked",
    "space before the colon",
    "folded",
]


@pytest.mark.parametrize("case", REFUSED_BY_THE_APPLICATION)
def test_W04_the_application_refuses_a_message_with_two_readings(direct: Edge, case: str) -> None:
    assert ask(direct.at, "POST", "/mirror/control/", body=b"{}").status == 200
    assert exchange(direct.at, cases("never")[case].encode("latin-1"), timeout=4)[0].status == 400


def test_W04_chunks_win_over_a_length_in_the_application(direct: Edge) -> None:
    # hyper drops the length (RFC 9112 §6.3): the chunks are one body, whatever else was announced.
    name = f"inner-{uuid.uuid4().hex}"
    answers = exchange(direct.at, cases(name)["chunks and length"].encode(), timeout=4)
    assert [answer.status for answer in answers] == [200]
    assert answers[0].json()["length"] == len(hidden(name))
    assert f"smuggled {name}" not in ask(direct.at, "GET", "/mirrored").json()["names"]


def test_W04_a_control_header_does_show_what_would_slip_past(direct: Edge) -> None:
    name = f"control-{uuid.uuid4().hex}"
    exchange(direct.at, hidden(name).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
    assert f"smuggled {name}" in ask(direct.at, "GET", "/mirrored").json()["names"]
