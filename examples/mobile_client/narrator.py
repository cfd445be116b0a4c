"""Prints what travels: every request and answer of the demonstration, tokens shortened, with milliseconds."""

import json
import os
import re
import sys
import textwrap
import time
from dataclasses import dataclass, field
from typing import Any, TextIO

from .wire import Answer, Body, NoAnswer, Send

_SECRET = re.compile(r"\b(?:eyJ|rt1\.)[\w.-]{20,}")
_COLOURS = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_WIDTH = 110


def shortened(text: str) -> str:
    """Tokens cut to their two ends, so that equal ones can be told from different ones."""
    return _SECRET.sub(lambda found: f"{found[0][:8]}…{found[0][-6:]}", text)


@dataclass
class Narrator:
    """Writes to the terminal; colours only there, and not with `NO_COLOR`."""

    out: TextIO = sys.stdout
    shown: list[tuple[bool, str]] = field(default_factory=list)
    chapters: int = 0

    def chapter(self, title: str, text: str) -> None:
        self.chapters += 1
        self._print("")
        self._print(self._ink("bold", f"{self.chapters}. {title}"))
        self.say(text)

    def say(self, text: str) -> None:
        self._print(self._ink("dim", f"   {text}"))

    def show(self, holds: bool, what: str) -> None:
        """One thing that the demonstration claims, and whether it was so."""
        self.shown.append((holds, what))
        self._print(f"   {self._mark(holds)} {what}")

    def summary(self) -> bool:
        """Everything that was claimed; False if anything was not so."""
        self._print("")
        self._print(self._ink("bold", "What was shown"))
        for holds, what in self.shown:
            self._print(f"   {self._mark(holds)} {what}")
        failed = sum(not holds for holds, _ in self.shown)
        verdict = f"{failed} of {len(self.shown)} did not hold." if failed else f"All {len(self.shown)} held."
        self._print(self._ink("red" if failed else "green", f"   {verdict}"))
        return not failed

    def request(self, who: str, method: str, path: str, body: Body, headers: dict[str, str]) -> None:
        self._print(f"   {self._ink('cyan', f'{who:>6} →')} {self._ink('bold', f'{method} {path}')}")
        for name, value in headers.items():
            self._lines(f"{name}: {shortened(value)}")
        if body is not None:
            self._lines(_json({name: "•••" if name == "password" else value for name, value in body.items()}))

    def answer(self, who: str, answer: Answer, milliseconds: float, note: str = "") -> None:
        colour = "green" if answer.status < 400 else "yellow"
        happened = answer.headers.get("x-refresh", "")
        facts = [f"{milliseconds:.0f} ms", *([f"X-Refresh: {happened}"] if happened else []), *([note] if note else [])]
        self._print(
            f"   {self._ink('cyan', f'{who:>6} ←')} {self._ink(colour, str(answer.status))} {self._ink('dim', ' · '.join(facts))}"
        )
        if answer.body is not None:
            self._lines(_json(answer.body))

    def _lines(self, text: str) -> None:
        for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False):
            self._print(self._ink("dim", f"            {line}"))

    def _mark(self, holds: bool) -> str:
        return self._ink("green", "✓") if holds else self._ink("red", "✗")

    def _ink(self, colour: str, text: str) -> str:
        plain = not self.out.isatty() or "NO_COLOR" in os.environ
        return text if plain else f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def _print(self, text: str) -> None:
        print(text, file=self.out, flush=True)


class Narrated:
    """A network that tells what it carries. `loses_next_answer` lets a request through and keeps its answer: `lost`."""

    def __init__(self, who: str, send: Send, narrator: Narrator) -> None:
        self._who, self._send, self._narrator = who, send, narrator
        self.loses_next_answer = False
        self.lost: Answer | None = None
        self.last = Answer(0)

    def __call__(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Answer:
        self._narrator.request(self._who, method, path, body, headers)
        began = time.perf_counter()
        answer = self._send(method, path, body, headers)
        took = (time.perf_counter() - began) * 1000
        if self.loses_next_answer:
            self.loses_next_answer, self.lost = False, answer
            self._narrator.answer(self._who, answer, took, "lost on its way: the phone never sees this")
            raise NoAnswer("lost")
        self._narrator.answer(self._who, answer, took)
        self.last = answer
        return answer


def _json(value: Any) -> str:
    return shortened(json.dumps(value, ensure_ascii=False))
