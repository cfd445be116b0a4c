"""JSON at the border: what is read, what is refused, and how long that takes (SECURITY S-02, J-12, J-17)."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.core.strict_json import StrictJsonError, loads

scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_S02_what_is_json_is_read_as_the_standard_library_reads_it(value: Any, ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert loads(raw, max_depth=32) == json.loads(raw)


@given(values, st.integers(0, 6))
def test_S02_depth_is_counted_exactly(value: Any, cap: int) -> None:
    raw = json.dumps(value).encode()
    if depth(value) <= cap:
        assert loads(raw, max_depth=cap) == value
    else:
        with pytest.raises(StrictJsonError):
            loads(raw, max_depth=cap)


@given(st.binary(max_size=80) | st.text(st.sampled_from('[]{}",:\\u1.eE-\n aé')).map(str.encode))
def test_S02_junk_is_refused_or_read_and_never_anything_else(raw: bytes) -> None:
    try:
        value = loads(raw, max_depth=8)
    except StrictJsonError:
        return
    assert value == json.loads(raw)
    assert depth(value) <= 8


@given(texts, st.integers(0, 3))
def test_S02_brackets_in_strings_are_not_depth(text: str, count: int) -> None:
    raw = json.dumps([text + "[{" * 40 + '"' * count + "\\" * count]).encode()
    assert loads(raw, max_depth=1) == json.loads(raw)


REFUSED = {
    "duplicate": b'{"a":1,"a":1}',
    "duplicate under an escape": b'{"a":1,"\\u0061":2}',
    "duplicate, deep": b'[{"x":{"a":1,"b":2,"a":3}}]',
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "-Infinity": b"[-Infinity]",
    "overflow": b"[1e400]",
    "long integer": b"9" * 65,
    "long fraction": b"0." + b"1" * 70,
    "5,000 digits": b"9" * 5_000,
    "lone high surrogate": b'["\\ud800"]',
    "lone low surrogate": b'["\\udc00"]',
    "swapped surrogates": b'["\\udc00\\ud800"]',
    "surrogate in a name": b'{"\\ud800":1}',
    "surrogate, deep": b'[{"a":[{"b":"\\ud800"}]}]',
    "raw surrogate": b'["\xed\xa0\x80"]',
    "overlong": b'["\xc0\xaf"]',
    "latin-1": b'["\xe9"]',
    "UTF-16": '["a"]'.encode("utf-16"),
    "UTF-32": '["a"]'.encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf[]",
    "two values": b"[] []",
    "comment": b"[1 /* x */]",
    "single quotes": b"['a']",
    "trailing comma": b"[1,]",
    "control character": b'["\x01"]',
    "NUL": b"[\x00]",
    "leading zero": b"[01]",
    "plus": b"[+1]",
    "hex": b"[0x1]",
    "empty": b"",
    "unclosed": b'{"a":[1',
    "closed too often": b"[]]",
}


@pytest.mark.parametrize("name", REFUSED)
def test_S02_is_refused(name: str) -> None:
    with pytest.raises(StrictJsonError):
        loads(REFUSED[name], max_depth=8)


def test_S02_paired_surrogates_are_a_character() -> None:
    assert loads(b'["\\ud83d\\ude00"]', max_depth=1) == ["\U0001f600"]


BOMBS = {
    "brackets": b"[" * 60_000,
    "braces": b'{"a":' * 12_000,
    "closed": b"[" * 30_000 + b"]" * 30_000,
    "behind a string": b'["' + b"x" * 30_000 + b'",' + b"[" * 30_000,
    # Sixteen kilobytes: where every quote may begin a string that never ends, this costs a second already.
    "escaped quotes, unclosed": b"[" * 40 + b'"' + b'\\"' * 8_000,
    "escaped quotes, then a backslash": b"[" * 40 + b'"' + b'\\"' * 8_000 + b"\\",
    "backslashes": b"[" * 40 + b'"' + b"\\" * 60_001,
    "quotes": b"[" * 40 + b'"' * 60_001,
    "quotes and backslashes": b"[" * 40 + b'"\\' * 30_000,
    "many short strings": b"[" * 40 + b'"a",' * 15_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_S02_bomb_of_a_full_body_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(StrictJsonError):
        loads(BOMBS[name], max_depth=32)
    assert time.process_time() - started < 0.25
