"""JSON as a security boundary reads it: bounded depth, no duplicate members, no NaN, no lone surrogates.

A depth cap is needed beside a size cap: 2.8 kB of brackets exhaust the interpreter's stack.
"""

import json
import re
from typing import Any

# Always matches from a quote on, closed or not, and never backtracks: 64 kB of `\"` must not cost a second.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_NUMBER = 64


class StrictJsonError(ValueError):
    """The text is not JSON that we accept."""


def loads(raw: bytes, *, max_depth: int) -> Any:
    """Parse UTF-8 JSON no deeper than `max_depth`; raises `StrictJsonError`."""
    refuse_depth(raw, max_depth)
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except StrictJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrictJsonError("not valid JSON") from error
    if b"\\u" in raw:
        _refuse_surrogates(value)
    return value


def refuse_depth(raw: bytes, max_depth: int) -> None:
    """Count brackets outside strings before anything recursive sees them."""
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    depth = 0
    for bracket in _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            raise StrictJsonError("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("a member appears twice")
    return members


def _refuse_constant(name: str) -> None:
    raise StrictJsonError(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise StrictJsonError("a number is too long")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if len(digits) > _LONGEST_NUMBER or number in (float("inf"), float("-inf")):
        raise StrictJsonError("a number is out of range")
    return number


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise StrictJsonError("a string is not valid Unicode")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_surrogates(name)
            _refuse_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_surrogates(member)
