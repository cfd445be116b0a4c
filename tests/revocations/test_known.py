"""Several marks for one token: the strictest holds (SECURITY R-23, R-26)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.core.errors import DeviceRevoked, TokenInvalid, TokenStale
from accounts.revocations.known import Known
from accounts.revocations.models import Revocation

Kind = Revocation.Kind
FAR = 2**40
TOKEN = {"kid": "k", "sid": "s", "sub": "u", "epoch": 5, "auth_time": 1_000}
# What stops the token above, and what just does not.
MARKS = {
    Kind.KEY: (("k", 0), ("other", 0)),
    Kind.DEVICE: (("s", 0), ("other", 0)),
    Kind.USER: (("u", 6), ("u", 5)),
    Kind.DEVICE_STALE: (("s", 1_001), ("s", 1_000)),
}
CODES = {Kind.KEY: TokenInvalid, Kind.DEVICE: DeviceRevoked, Kind.USER: TokenStale, Kind.DEVICE_STALE: TokenStale}


@pytest.mark.parametrize("stopping", list(product([True, False], repeat=4)))
def test_R23_any_one_mark_that_matches_stops_the_token(stopping: tuple[bool, ...]) -> None:
    known = Known()
    for (kind, (stops, passes)), is_stopping in zip(MARKS.items(), stopping, strict=True):
        value, mark = stops if is_stopping else passes
        known.learn([(kind, value, mark, FAR)])
    if not any(stopping):
        known.refuse(**TOKEN)
        return
    with pytest.raises(TokenInvalid) as refused:
        known.refuse(**TOKEN)
    first = next(kind for kind, is_stopping in zip(MARKS, stopping, strict=True) if is_stopping)
    assert type(refused.value) is CODES[first]


@given(st.permutations([3, 9, 6, 1]))
def test_R23_the_order_of_news_does_not_matter(marks: list[int]) -> None:
    known = Known()
    for mark in marks:
        known.learn([(Kind.USER, "u", mark, FAR)])
    known.refuse(**{**TOKEN, "epoch": 9})
    with pytest.raises(TokenStale):
        known.refuse(**{**TOKEN, "epoch": 8})


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_R23_a_later_shorter_mark_does_not_shorten_an_earlier_one(news: list[tuple[int, int]]) -> None:
    known = Known()
    known.learn([(Kind.USER, "u", mark, until) for mark, until in news])
    assert known.marks[Kind.USER]["u"] == (max(mark for mark, _ in news), max(until for _, until in news))


def test_marks_are_forgotten_only_after_their_time() -> None:
    known = Known()
    known.learn([(Kind.DEVICE, "s", 0, 100)])
    known.forget_expired(100)
    with pytest.raises(DeviceRevoked):
        known.refuse(**TOKEN)
    known.forget_expired(101)
    known.refuse(**TOKEN)


def test_news_of_the_keys_are_told_once() -> None:
    known = Known()
    assert known.learn([(Kind.KEYS, "a", 0, FAR)])
    assert not known.learn([(Kind.KEYS, "a", 0, FAR), (Kind.DEVICE, "s", 0, FAR)])
    assert known.learn([(Kind.KEYS, "b", 0, FAR)])
