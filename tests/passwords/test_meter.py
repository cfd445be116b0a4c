"""The meter as pages and apps ask it: it advises, keeps nothing, and costs little whatever is typed (SECURITY P-01)."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from accounts.passwords import strength
from accounts.users.models import User
from tests.support.browser import Answer, Browser, rows
from tests.support.canary import written

pytestmark = pytest.mark.django_db
METER = "/auth/password/strength/"
STRONG = "plough-velvet-comet-arcade-9"
HOSTILE = "4@8({[<369!|170$5+%2"


def ask(password: str, language: str = "", **more: Any) -> Answer:
    body = {"password": password, **more}
    return Client().post(METER, body, "application/json", headers={"Accept-Language": language})


def test_P01_meter_answers_a_score_and_advice() -> None:
    weak, strong = ask("password1234"), ask(STRONG)
    assert (weak.status_code, strong.status_code) == (200, 200)
    assert weak.json()["score"] < 2
    assert weak.json()["advice"]
    assert strong.json() == {"score": 4, "advice": []}
    assert weak["Cache-Control"] == "no-store"


def test_P01_meter_counts_the_typed_address_and_name_as_guessed() -> None:
    plain = ask("kwyjibo.quixotl").json()["score"]
    assert ask("kwyjibo.quixotl", email="kwyjibo.quixotl@example.com").json()["score"] < plain
    assert ask("kwyjibo.quixotl", name="kwyjibo.quixotl").json()["score"] < plain


@pytest.mark.parametrize(("asked", "spoken"), [("de-AT,de;q=0.9", "de"), ("en", "en"), ("fr", "en"), ("", "en")])
def test_meter_speaks_the_language_that_is_asked_for(asked: str, spoken: str) -> None:
    answer = ask("password1234", asked)
    assert answer["Content-Language"] == spoken
    assert any("Wörter" in sentence or "Wort" in sentence for sentence in answer.json()["advice"]) is (spoken == "de")


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], {"password": ""}, {"password": None}, {"password": 12}, {"password": "x" * 257}),
        *({"password": STRONG, "email": 1}, {"password": STRONG, "name": "x" * 151}, {"password": STRONG, "next": "/"}),
    ],
)
def test_P01_meter_takes_nothing_else(body: Any) -> None:
    assert Client().post(METER, body, "application/json").status_code == 400
    assert ask("x" * 256).status_code == 200


def test_P01_meter_leaves_no_trace(caplog: pytest.LogCaptureFixture, alice: User) -> None:
    before = rows()
    with caplog.at_level(logging.DEBUG):
        ask("canary-password-1", email="canary@example.com", name="Canary")
        Client().post(METER, {"password": "canary-password-2" * 20}, "application/json")
    assert "canary" not in written(caplog.records).lower()
    assert rows() == before


def test_P01_meter_looks_at_no_cookie(alice: User) -> None:
    browser = Browser()
    browser.sign_in(alice.email or "")
    answer = browser.send("POST", METER, {"password": STRONG})
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert "Set-Cookie" not in answer.headers


def test_P01_what_is_cut_off_does_not_make_a_password_weak() -> None:
    assert strength.judge(HOSTILE).score == 4
    assert strength.judge(HOSTILE * 4).score == 4


@pytest.mark.deadline
@pytest.mark.parametrize("password", [HOSTILE * 4, "4a@8b({<c6g9!i|1l0o$5s+7t%x2z" * 8, "1" * 256, "48c6i10$+" * 28])
def test_P01_meter_costs_little_whatever_is_typed(password: str) -> None:
    strength.judge("warm")
    begun = time.thread_time()
    strength.judge(password[:256], User(email="a@b", name=" ".join("abcdefghijklmnopqrstuvwxyz")))
    assert time.thread_time() - begun < 0.5


def test_P01_nobodys_words_count_for_somebody_else() -> None:
    word = "kwyjibo.quixotl"
    owner, other = User(email=f"{word}@example.com"), User(email="other@example.com")
    alone = {id(user): strength.judge(word, user).score for user in (owner, other)}
    with ThreadPoolExecutor(8) as pool:
        users = [owner, other] * 40
        found = list(pool.map(lambda user: strength.judge(word, user).score, users))
    assert found == [alone[id(user)] for user in users]
    assert len(set(found)) == 2
