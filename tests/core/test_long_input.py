"""A hundred thousand characters, chosen to make a pattern go back and forth, cost no more than reading them (SECURITY S-04)."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.browser.languages import spoken
from accounts.core import requests, strict_json
from accounts.core.errors import Problem
from accounts.mfa import recovery_codes
from accounts.tokens import compact
from accounts.users.email import acceptable
from project.logs import redact

LONG = 100_000
HOSTILE = {
    "one letter": "a" * LONG,
    "dots": "a." * (LONG // 2),
    "at signs": "a@" * (LONG // 2),
    "quotes": '"' * LONG,
    "escaped quotes": '\\"' * (LONG // 2),
    "open pairs": 'for="' + "a;" * (LONG // 2),
    "commas": "," * LONG,
    "colons": "[" + ":" * LONG,
    "token starts": "eyJa." * (LONG // 5),
    "key starts": "-----BEGIN" * (LONG // 10),
    "link starts": "?link=" * (LONG // 6),
    "dashes": "de-" * (LONG // 3),
    "digits": "1" * LONG + "x",
    "spaces": " " * LONG + "x",
}
READERS: dict[str, Callable[[str], Any]] = {
    "address": acceptable,
    "token": compact.parse,
    "JSON": lambda text: strict_json.loads(text.encode(), max_depth=32),
    "log": redact,
    "language": spoken,
    "recovery code": recovery_codes._CODE.fullmatch,
    "proxy header": lambda text: [requests._HOP.findall(text), requests._PAIR.findall(text), requests._NODE.fullmatch(text)],
}


@pytest.mark.deadline
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("shape", HOSTILE)
def test_S04_hostile_text_is_read_in_no_time(reader: str, shape: str) -> None:
    started = time.process_time()
    with suppress(Problem, ValidationError, ValueError):
        READERS[reader](HOSTILE[shape])
    assert time.process_time() - started < 0.5
