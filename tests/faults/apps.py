"""Honest apps: the reference client on a bad line, one or two processes of it, with and without retry keys."""

import threading
import time
from dataclasses import dataclass
from random import Random

from examples.mobile_client.client import Client, Refused, SignedOut
from examples.mobile_client.storage import Storage, Tokens
from examples.mobile_client.wire import Http, NoAnswer

from .history import History, fingerprint
from .network import Line, Network, Order
from .phones import Flash, Killed, MortalStorage, OwnKeyStorage
from .weather import Weather

PASSWORD = "an honest phone on a bad line"
PATIENCE = 1.0
"""Seconds that an app waits for an answer, in units."""
_PACE = (1.0, 2.0)
_PATIENCE_WITH_THIEVES = 40
"""Rounds that a phone adds until its thief is out."""
_KILLED_SHARE = 0.015
_ASLEEP_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Kind:
    """`sleeps_long`: may be suspended for longer than the rescue window between a try and the next."""

    name: str
    sends_key: bool = True
    processes: int = 1
    shares_key: bool = True
    sleeps_long: bool = False


KINDS = (
    Kind("reference", sleeps_long=True),
    Kind("reference, two processes", processes=2, sleeps_long=True),
    Kind("no key", sends_key=False),
    Kind("no key, two processes", sends_key=False, processes=2),
    Kind("two processes, a key each", processes=2, shares_key=False),
)


class App:
    """One person's phone. `pace` is how long it waits between two refreshes, in units."""

    def __init__(self, number: int, kind: Kind, network: Network, history: History, *, unit: float, seed: int) -> None:
        self.person, self.kind, self.history, self.unit = f"p{number:03}", kind, history, unit
        self.address = f"10.{number // 250}.{number % 250}.7"
        self.random = Random(f"{seed}/{self.person}")
        self.pace = _PACE
        self._network = network
        self.flash = Flash()
        self.rounds = 0
        self.is_watched = False
        self.is_done = False
        self.order = Order()
        self._fair = network.open(self._line("sign-in", seed, fair=True))
        self._lines = [network.open(self._line(f"app {index}", seed)) for index in range(kind.processes)]
        self._storages = [self._storage(index) for index in range(kind.processes)]
        self._turn = threading.Condition()

    def run(self, rounds: int) -> None:
        try:
            self._sign_in()
            while self.rounds < rounds or (self.is_watched and self.rounds < rounds + _PATIENCE_WITH_THIEVES):
                time.sleep(self.random.uniform(*self.pace) * self.unit * self._network.slowness)
                self._round()
        finally:
            with self._turn:
                self.is_done = True
                self._turn.notify_all()

    def next_round(self, *, after: int) -> bool:
        """For somebody who watches the phone: returns as soon as it has refreshed again; False when it has finished."""
        with self._turn:
            self._turn.wait_for(lambda: self.rounds > after or self.is_done)
            return self.rounds > after

    def _round(self) -> None:
        """All processes refresh at once. The next round begins when no copy of this one is on its way any more: a network
        holds a request for seconds, and apps refresh every ten minutes."""
        seen = self.flash.load()
        assert seen is not None
        others = [threading.Thread(target=self._refresh, args=(index, seen)) for index in range(1, self.kind.processes)]
        for other in others:
            other.start()
        self._refresh(0, seen)
        for other in others:
            other.join()
        with self._turn:
            self.rounds += 1
            self._turn.notify_all()
        for line in self._lines:
            line.quiet()
        stored = self.flash.load()
        if stored is None or not stored.access:
            self._sign_in()

    def _refresh(self, index: int, seen: Tokens) -> None:
        began = self.history.now()
        result = self._outcome(index, seen)
        self.history.write("refresh", person=self.person, device=seen.device, process=index, began=began, result=result)

    def _outcome(self, index: int, seen: Tokens) -> str:
        """A killed app starts again, with what was stored."""
        send = Http(self._lines[index].url, timeout=PATIENCE * self.unit)
        client = Client(send, self._storages[index], tries=40, longest_pause=4.0, sleep=self._nap())
        while True:
            try:
                client.refresh(seen)
            except Killed:
                continue
            except SignedOut as end:
                return f"signed out: {end.code}"
            except (NoAnswer, Refused) as trouble:
                return f"failed: {trouble}"
            return "ok"

    def _nap(self) -> "_Nap":
        far = (8.6, 11.0) if self.kind.sleeps_long and self.random.random() < 0.5 else (2.3, 3.8)
        return _Nap(self.random, far, self.unit)

    def _sign_in(self) -> None:
        self.pace = _PACE
        client = Client(Http(self._fair.url, timeout=30), self.flash)
        tokens = client.sign_in(f"{self.person}@example.com", PASSWORD, name=self.kind.name, platform="fault injector")
        self.history.write("signed in", person=self.person, device=tokens.device, refresh=fingerprint(tokens.refresh))

    def _line(self, who: str, seed: int, *, fair: bool = False) -> Line:
        weather = Weather(f"{seed}/{self.person}/{who}", unit=self.unit, patience=PATIENCE * self.unit, fair=fair)
        return Line(self.person, who, self.address, weather, self.order, strips_key=not self.kind.sends_key)

    def _storage(self, index: int) -> Storage:
        mortal = MortalStorage(self.flash, Random(self.random.random()), _KILLED_SHARE)
        return mortal if self.kind.shares_key else OwnKeyStorage(mortal)


class _Nap:
    """The client's back-off at a tenth of its length; once in a while the phone is put to sleep instead."""

    def __init__(self, random: Random, far: tuple[float, float], unit: float) -> None:
        self._random, self._far, self._unit = random, far, unit
        self._has_slept = False

    def __call__(self, seconds: float) -> None:
        asleep = not self._has_slept and self._random.random() < _ASLEEP_SHARE
        self._has_slept = self._has_slept or asleep
        time.sleep(self._random.uniform(*self._far) * self._unit if asleep else seconds * 0.1 * self._unit)
