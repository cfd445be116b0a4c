"""Passwords known from breaches: looked up in a local file of SHA-1 hashes, in the order and form that Have I Been Pwned ships.

One `HASH:COUNT` a line, upper-case hexadecimal, sorted. Of a file of 40 GB a look-up reads some forty lines; nothing leaves
this machine.
"""

import hashlib
import os
import re
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.core.errors import Unavailable

_LONGEST_LINE = 128
_LINE = re.compile(rb"[0-9A-F]{40}:\d+\r?\n?")


class BreachedValidator:
    """Refuses whole values that are in `BREACHED_PASSWORDS_FILE`; without that setting it refuses nothing (SECURITY P-01)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises Django's `ValidationError`, or `Unavailable` when the file went away after the start."""
        if settings.BREACHED_PASSWORDS_FILE and is_breached(password, settings.BREACHED_PASSWORDS_FILE):
            raise ValidationError(_("This password is known from a data breach. Choose another."), code="password_breached")

    def get_help_text(self) -> str:
        return "Not a password that is known from a data breach." if settings.BREACHED_PASSWORDS_FILE else ""


def is_breached(password: str, path: str) -> bool:
    """Raises `Unavailable` when the file cannot be read."""
    # The file's own form; SHA-1 protects nothing here.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with open(path, "rb") as file:
            return _holds(file, wanted)
    except OSError as error:
        raise Unavailable("the list of breached passwords cannot be read") from error


def problem(path: str) -> str:
    """What is wrong with the file, in words; empty when its first lines are readable and in order."""
    try:
        with open(path, "rb") as file:
            first, second = file.readline(_LONGEST_LINE), file.readline(_LONGEST_LINE)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if not _LINE.fullmatch(first) or (second and not _LINE.fullmatch(second)):
        return "does not hold lines of the form HASH:COUNT with upper-case SHA-1 hashes"
    return "is not in the order of its hashes" if second and second <= first else ""


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    """Binary search: a line with the wanted hash begins in [low, high), if there is one."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while low < high:
        middle = (low + high) // 2
        start, line = _first_line_from(file, middle)
        found = line.partition(b":")[0].strip()
        if found == wanted and start < high:
            return True
        if start >= high or found > wanted:
            high = middle
        else:
            low = start + len(line)
    return False


def _first_line_from(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """The first line that begins at or after `offset`, and where."""
    file.seek(max(0, offset - 1))
    if offset:
        file.readline(_LONGEST_LINE)
    start = file.tell()
    return start, file.readline(_LONGEST_LINE)
