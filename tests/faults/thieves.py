"""Thieves: each has copied a phone's storage at some moment, and plays what it found in its own way."""

import time
from dataclasses import dataclass
from random import Random
from uuid import uuid4

from examples.mobile_client.storage import Tokens
from examples.mobile_client.wire import Http

from .apps import App
from .history import History
from .network import Line, Network, Order
from .weather import Weather

_RACING, _WITHIN, _BEYOND = (0.05, 1.2), (2.3, 3.4), (8.6, 10.0)
"""Delays in units, against a race window of 2 and a rescue window of 8."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`watches`: waits for each refresh of the phone, then `delay`; else plays every `delay`, the phone unseen.
    `leads`: plays its first token while it is still the current one. `skips`: lets so many refreshes of the phone pass.
    `pace`: how slowly the phone must refresh for this to be possible at all."""

    name: str
    delays: tuple[tuple[float, float], ...]
    watches: bool = True
    leads: bool = False
    skips: int = 0
    pace: tuple[float, float] | None = None


STRATEGIES = (
    Strategy("plays at random", ((0.2, 9.0),), watches=False),
    Strategy("waits, then plays an old token", (_RACING,), skips=4),
    Strategy("lockstep behind the phone", (_WITHIN,), pace=(4.4, 5.0)),
    Strategy("lockstep ahead of the phone", ((0.2, 1.8),), leads=True, pace=(4.4, 5.0)),
    Strategy("by turns, of all kinds", (_RACING, _WITHIN, _BEYOND), pace=(4.4, 5.0)),
    Strategy("lockstep beyond the window", (_BEYOND,), pace=(11.0, 12.0)),
)
RIDER = Strategy("rides the race window", (_RACING,), pace=(2.5, 3.5))
"""Sees every refresh of the phone and answers within the race window: what only `strict` or a bound key can end."""


class Thief:
    """Copies after `begins_after` rounds of the phone, plays until it is refused or the phone has finished."""

    def __init__(self, app: App, strategy: Strategy, network: Network, history: History, *, begins_after: int, seed: int) -> None:
        self._app, self._strategy, self._history = app, strategy, history
        self._begins_after = begins_after
        self._random = Random(f"{seed}/thief of {app.person}")
        self._sends_key = self._random.random() < 0.5
        weather = Weather("", unit=app.unit, patience=1, fair=True)
        line = network.open(Line(app.person, "thief", "198.51.100.66", weather, Order()))
        self._send = Http(line.url, timeout=30)

    def run(self) -> None:
        app, strategy = self._app, self._strategy
        if not app.next_round(after=self._begins_after - 1):
            return
        app.pace, app.is_watched = strategy.pace or app.pace, strategy is not RIDER
        app.next_round(after=app.rounds)
        time.sleep(self._random.uniform(0.0, 0.5) * app.unit)
        loot = app.flash.load()
        assert loot is not None
        self._history.write("theft", person=app.person, device=loot.device, strategy=strategy.name)
        watched = app.rounds
        for _ in range(strategy.skips - 1):
            app.next_round(after=watched)
            watched = app.rounds
        self._play_on(loot, watched)
        app.is_watched = False

    def _play_on(self, loot: Tokens, watched: int) -> None:
        """Until refused, or until the phone has finished."""
        held, access, is_first = loot.refresh, "", True
        while self._moment(watched, is_first=is_first):
            watched, is_first = self._app.rounds, False
            answer = self._send("POST", "/auth/token/refresh/", {"refresh": held}, self._key_header())
            if answer.status == 200:
                held, access = answer.body["refresh"], answer.body["access"]
                self._probe(loot.device, access)
            elif answer.status == 401:
                time.sleep(1.0)
                self._probe(loot.device, access)
                return

    def _moment(self, watched: int, *, is_first: bool) -> bool:
        """Wait for the moment to play; False when the phone has finished."""
        if self._strategy.watches and not (is_first and self._strategy.leads) and not self._app.next_round(after=watched):
            return False
        time.sleep(self._random.uniform(*self._random.choice(self._strategy.delays)) * self._app.unit)
        return not self._app.is_done

    def _probe(self, device: str, access: str) -> None:
        """Is the access token still good?"""
        if access:
            began = self._history.now()
            answer = self._send("POST", "/auth/token/verify/", {"token": access}, {})
            self._history.write("probe", device=device, began=began, status=answer.status)

    def _key_header(self) -> dict[str, str]:
        return {"Idempotency-Key": uuid4().hex} if self._sends_key else {}
