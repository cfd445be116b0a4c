"""examples/verifiers/python checks every token vector right, and fails closed (SECURITY V-01, V-02, V-06)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from examples.verifiers.python.verifier import BUDGET, REFRESH, Refused, Unavailable, Verifier
from tests.support.vectors import Publisher, book, publisher

TOKENS: list[dict[str, str]] = book()["tokens"]
DOCUMENTS: list[dict[str, str]] = book()["documents"]["vectors"]


@dataclass
class Service:
    """Time goes on only when a test says so: `now` on the wall, `ticks` since it started."""

    issuer: Publisher = field(default_factory=publisher)
    now: float = book()["now"]
    ticks: float = 100.0

    def __post_init__(self) -> None:
        times: dict[str, Callable[[], float]] = {"clock": lambda: self.now, "ticks": lambda: self.ticks}
        self.verifier = Verifier(book()["issuer"], book()["audience"], longest=600, fetch=self.issuer, **times)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += seconds

    def takes(self, token: str) -> bool:
        try:
            self.verifier.verify(token)
        except Refused:
            return False
        return True


def named(name: str, among: list[dict[str, str]] = TOKENS) -> str:
    return next(vector["token"] for vector in among if vector["name"] == name)


@pytest.mark.parametrize("vector", TOKENS, ids=lambda vector: vector["name"])
def test_V06_token_has_its_verdict(vector: dict[str, str]) -> None:
    assert Service().takes(vector["token"]) == (vector["verdict"] == "accept"), vector["reason"]


@pytest.mark.parametrize("vector", DOCUMENTS, ids=lambda vector: vector["name"])
def test_V03_list_of_what_ended_has_its_verdict(vector: dict[str, str]) -> None:
    service = Service()
    service.issuer.document = vector["token"].encode()
    if vector["verdict"] == "accept":
        assert service.takes(named("es256"))
        return
    with pytest.raises(Unavailable):
        service.takes(named("es256"))


def test_V01_news_are_asked_for_once_a_second_and_then_hold() -> None:
    service = Service()
    service.issuer.document = named("document-empty", DOCUMENTS).encode()
    for _ in range(100):
        assert service.takes(named("sid-ended"))
    assert service.issuer.asked == 1
    service.issuer.document = named("document", DOCUMENTS).encode()
    service.pass_by(REFRESH)
    for _ in range(100):
        assert not service.takes(named("sid-ended"))
    assert service.issuer.asked == 2


def test_V01_list_that_did_not_change_is_not_read_again() -> None:
    service = Service()
    assert service.takes(named("es256"))
    service.issuer.changed = False
    for _ in range(20):
        service.pass_by(REFRESH)
        assert service.takes(named("es256"))
        assert not service.takes(named("sid-ended"))


def test_V02_outage_within_the_budget_is_served_from_what_is_known() -> None:
    service = Service()
    assert service.takes(named("es256"))
    service.issuer.away = True
    service.pass_by(BUDGET)
    assert service.takes(named("es256"))
    assert not service.takes(named("sid-ended"))


def test_V02_outage_beyond_the_budget_fails_closed_and_heals() -> None:
    service = Service()
    assert service.takes(named("es256"))
    service.issuer.away = True
    service.pass_by(BUDGET + 0.1)
    for _ in range(10):
        with pytest.raises(Unavailable):
            service.takes(named("es256"))
    assert service.issuer.asked == 2
    service.issuer.away = False
    service.pass_by(REFRESH)
    assert service.takes(named("es256"))


def test_V02_without_a_list_nothing_is_accepted() -> None:
    service = Service()
    service.issuer.away = True
    with pytest.raises(Unavailable):
        service.takes(named("es256"))


def test_V02_cache_that_is_stuck_is_found_out() -> None:
    """It goes on to say that nothing changed; the list runs out."""
    service = Service()
    assert service.takes(named("es256"))
    service.issuer.changed = False
    for _ in range(54):
        service.pass_by(1)
        assert service.takes(named("es256"))
    service.pass_by(1)
    with pytest.raises(Unavailable):
        service.takes(named("es256"))


def test_V01_whoever_comes_while_news_are_on_their_way_waits_for_them() -> None:
    service = Service()
    service.issuer.document = named("document-empty", DOCUMENTS).encode()
    assert service.takes(named("sid-ended"))
    service.issuer.document = named("document", DOCUMENTS).encode()
    service.pass_by(REFRESH)
    asked, answered = threading.Event(), threading.Event()
    plain = service.verifier._ended._fetch

    def slowly(url: str, etag: str) -> Any:
        asked.set()
        answered.wait(5)
        return plain(url, etag)

    service.verifier._ended._fetch = slowly
    seen: list[bool] = []
    first, second = (threading.Thread(target=lambda: seen.append(service.takes(named("sid-ended")))) for _ in range(2))
    first.start()
    assert asked.wait(5)
    second.start()
    answered.set()
    first.join()
    second.join()
    assert seen == [False, False]


def test_V06_keys_come_by_https_alone() -> None:
    for issuer in (
        "http://id.example.com",
        "http://127.0.0.1.rogue.example",
        "http://localhost.rogue.example",
        "ftp://localhost.x",
    ):
        with pytest.raises(ValueError, match="HTTPS"):
            Verifier(issuer, "https://notes.example")
    for issuer in ("https://id.example.com", "http://127.0.0.1:8000", "http://localhost:8000"):
        Verifier(issuer, "https://notes.example")
