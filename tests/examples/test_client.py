"""The reference client: when it refreshes, what it repeats, when it gives its tokens up."""

import threading

import pytest

from examples.mobile_client.client import Refused, SignedOut
from examples.mobile_client.storage import Tokens
from examples.mobile_client.wire import Answer, Body, NoAnswer

from .network import LOST, REFRESH, pair, phone, refusal


def test_refresh_stores_the_new_pair() -> None:
    device = phone(pair(1))
    device.client.refresh()
    assert device.stored == Tokens("access 1", "refresh 1", "device")


def test_retry_key_is_stored_before_the_first_try() -> None:
    device = phone(LOST, tries=1)
    with pytest.raises(NoAnswer):
        device.client.refresh()
    assert device.stored.retry_key == device.script.calls[0].headers["Idempotency-Key"]


def test_retry_carries_the_same_token_and_key() -> None:
    device = phone(LOST, refusal(503, "unavailable"), pair(1))
    device.client.refresh()
    sent = {(call.body and call.body["refresh"], call.headers["Idempotency-Key"]) for call in device.script.calls}
    assert len(device.script.calls) == 3
    assert len(sent) == 1


def test_key_outlives_the_app() -> None:
    device = phone(LOST, pair(1), tries=1)
    with pytest.raises(NoAnswer):
        device.client.refresh()
    device.client.refresh()
    first, second = device.script.calls
    assert first.headers == second.headers


def test_next_refresh_has_a_key_of_its_own() -> None:
    device = phone(pair(1), pair(2))
    device.client.refresh()
    device.client.refresh()
    keys = {call.headers["Idempotency-Key"] for call in device.script.calls}
    assert len(keys) == 2


def test_retry_after_is_honoured() -> None:
    device = phone(refusal(503, "unavailable", retry_after="7"), pair(1))
    device.client.refresh()
    assert device.pauses == [7.0]


def test_pauses_grow() -> None:
    device = phone(LOST, LOST, LOST, pair(1))
    device.client.refresh()
    for pause, most in zip(device.pauses, (0.5, 1.0, 2.0), strict=True):
        assert most / 2 <= pause <= most


def test_tokens_are_kept_when_nobody_answers() -> None:
    device = phone(LOST, LOST, LOST, refusal(503, "unavailable"))
    with pytest.raises(NoAnswer):
        device.client.refresh()
    assert (device.stored.access, device.stored.refresh) == ("access 0", "refresh 0")


@pytest.mark.parametrize("code", ["token_expired", "token_stale", "token_invalid"])
def test_call_refreshes_and_repeats_once(code: str) -> None:
    device = phone(refusal(401, code), pair(1), Answer(200, {"name": "Alice"}))
    assert device.client.call("GET", "/api/v1/me/").body == {"name": "Alice"}
    assert [call.path for call in device.script.calls] == ["/api/v1/me/", REFRESH, "/api/v1/me/"]
    assert device.script.calls[-1].headers == {"Authorization": "Bearer access 1"}


def test_call_does_not_refresh_twice() -> None:
    device = phone(refusal(401, "token_stale"), pair(1), refusal(401, "token_stale"))
    with pytest.raises(Refused):
        device.client.call("GET", "/api/v1/me/")


@pytest.mark.parametrize("code", ["permission_denied", "insufficient_scope"])
def test_other_refusals_are_the_apps_business(code: str) -> None:
    device = phone(refusal(403, code))
    with pytest.raises(Refused, match=code):
        device.client.call("GET", "/api/v1/users/")
    assert device.stored.access


ENDS = ["device_revoked", "token_reused", "token_invalid", "token_expired", "account_unavailable", "email_unverified"]


@pytest.mark.parametrize("code", [*ENDS, "insufficient_user_authentication"])
def test_refused_refresh_signs_out(code: str) -> None:
    device = phone(refusal(401, code))
    with pytest.raises(SignedOut, match=code):
        device.client.refresh()
    assert device.stored == Tokens("", "refresh 0", "device")


@pytest.mark.parametrize("answer", [Answer(401), refusal(401, "client_outdated"), refusal(403, "device_revoked")], ids=str)
def test_refusal_that_says_nothing_of_the_tokens_keeps_them(answer: Answer) -> None:
    device = phone(answer, pair(1))
    with pytest.raises(Refused):
        device.client.refresh()
    assert device.stored.access == "access 0"
    assert device.client.refresh().access == "access 1"


def test_call_of_an_ended_device_signs_out() -> None:
    device = phone(refusal(401, "device_revoked"))
    with pytest.raises(SignedOut):
        device.client.call("GET", "/api/v1/me/")
    assert not device.stored.access


def test_lost_get_is_repeated() -> None:
    device = phone(LOST, Answer(200))
    device.client.call("GET", "/api/v1/me/")
    assert len(device.script.calls) == 2


def test_lost_post_is_not_repeated() -> None:
    device = phone(LOST)
    with pytest.raises(NoAnswer):
        device.client.call("POST", "/api/v1/links/", {"path": "/api/v1/me/"})


def test_sign_in_shows_the_last_refresh_token_as_a_known_device() -> None:
    device = phone(refusal(401, "token_reused"), pair(1))
    with pytest.raises(SignedOut):
        device.client.refresh()
    device.client.sign_in("alice@example.com", "secret", name="Phone")
    body = device.script.calls[-1].body
    assert body is not None
    assert body["device"] == {"name": "Phone", "platform": "", "refresh": "refresh 0"}


def test_sign_out_that_is_not_confirmed_keeps_the_tokens() -> None:
    device = phone(*[LOST] * 4)
    with pytest.raises(NoAnswer):
        device.client.sign_out()
    assert device.stored.access


def test_threads_refresh_once() -> None:
    device = phone(pair(1))
    seen, start = device.stored, threading.Barrier(16)

    def refresh() -> None:
        start.wait()
        device.client.refresh(seen)

    threads = [threading.Thread(target=refresh) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(device.script.calls) == 1


def test_another_process_that_was_faster_is_noticed() -> None:
    device = phone()
    seen = device.stored
    device.storage.replace(seen, Tokens("access 1", "refresh 1", "device"))
    assert device.client.refresh(seen).access == "access 1"
    assert device.script.calls == []


def test_late_answer_does_not_overwrite_a_newer_token() -> None:
    device = phone(pair(1))
    newer = Tokens("access 2", "refresh 2", "device")

    def overtaken(method: str, path: str, body: Body, headers: dict[str, str]) -> Answer:
        device.storage.replace(device.stored, newer)
        return device.script(method, path, body, headers)

    device.client._send = overtaken
    assert device.client.refresh() == newer
    assert device.stored == newer
