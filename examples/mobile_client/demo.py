"""`make demo`: a phone, a tablet and a thief against the running server. Exits with 1 when anything does not behave.

URL chooses the server (http://127.0.0.1:8000). EMAIL and PASSWORD choose an account; without them a throw-away person is
made in the development database and removed afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .client import Client, Refused, SignedOut
from .narrator import Narrated, Narrator
from .storage import FileStorage, Storage, Tokens
from .wire import Answer, Http, NoAnswer

ROOT = Path(__file__).resolve().parents[2]
ME, DEVICES, REFRESH = "/api/v1/me/", "/api/v1/me/devices/", "/auth/token/refresh/"
LONGEST_LIFE = 1.0
"""Seconds for which a token may outlive its device, whichever worker is asked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str


@dataclass
class Device:
    """An installation of the app, with its storage and its network."""

    name: str
    network: Narrated
    storage: Storage
    client: Client

    @property
    def tokens(self) -> Tokens:
        stored = self.storage.load()
        assert stored is not None
        return stored


class Demo:
    """One method a chapter; each says what should happen, does it and looks."""

    def __init__(self, url: str, credentials: Credentials, narrator: Narrator, folder: Path) -> None:
        self.narrator, self.credentials = narrator, credentials
        self.quiet = Http(url)
        self.phone, self.tablet = self._device("phone", folder), self._device("tablet", folder)

    def run(self) -> bool:
        self.sign_in()
        self.call_the_api()
        stolen = self.refresh()
        self.lose_an_answer()
        self.steal(stolen)
        self.sign_in_again()
        self.sign_the_tablet_out()
        self.sign_out()
        return self.narrator.summary()

    def sign_in(self) -> None:
        self.narrator.chapter("Sign in", "The same person, on two devices: a row each, a refresh token each.")
        for device in (self.phone, self.tablet):
            self._sign_in(device)
        self.narrator.show(
            self.phone.tokens.device != self.tablet.tokens.device, "sign-in answers a token pair, a device of its own each"
        )

    def call_the_api(self) -> None:
        self.narrator.chapter("Call the guarded API", "The access token says who is calling; a call without one is refused.")
        without = self.phone.network("GET", ME, None, {})
        profile = self.phone.client.call("GET", ME).body
        self.narrator.show(without.status == 401 and without.code == "not_authenticated", "without a token the API answers 401")
        self.narrator.show(profile["email"] == self.credentials.email, "with it, it knows the person")

    def refresh(self) -> str:
        """Answers the token that was rotated away, for the thief."""
        self.narrator.chapter("Refresh", "The refresh token is rotated; the retry key was stored before the request went out.")
        before = self.phone.tokens.refresh
        after = self.phone.client.refresh()
        self.narrator.show(after.refresh != before and self._happened() == "rotated", "a refresh rotates the refresh token")
        return before

    def lose_an_answer(self) -> None:
        self.narrator.chapter(
            "Lose an answer", "The server has rotated, the answer is lost. The phone asks again with the same key."
        )
        self.phone.network.loses_next_answer = True
        after = self.phone.client.refresh()
        lost = self.phone.network.lost
        assert lost is not None
        same = lost.body["refresh"] == after.refresh
        self.narrator.show(same and self._happened() == "rescued", "a lost answer is given again, the very same refresh token")
        self.phone.client.call("GET", ME)
        self.narrator.show(self.phone.network.last.status == 200, "and the phone goes on as if nothing had happened")

    def steal(self, stolen: str) -> None:
        self.narrator.chapter(
            "A thief", "Somebody has copied the refresh token of chapter 3, and plays it now. It was used before."
        )
        access = self.phone.tokens.access
        thief = Narrated("thief", self.quiet, self.narrator)("POST", REFRESH, {"refresh": stolen}, {})
        began = time.perf_counter()
        self.narrator.show(thief.status == 401 and thief.code == "token_reused", "a used refresh token gets the thief nothing")
        self._show_refused("the phone", access, began, "the stolen device's access token")
        ended = self._ends(self.phone.client.refresh)
        self.narrator.show(ended == "device_revoked", "the stolen device is signed out (its owner is told by mail)")
        self.narrator.show(self.tablet.client.call("GET", ME).status == 200, "the person's other device is left alone")

    def sign_in_again(self) -> None:
        self.narrator.chapter(
            "Sign in again", "The dead refresh token goes along: it shows a known device, which no stranger can lock out."
        )
        before = self.phone.tokens.device
        self._sign_in(self.phone)
        self.narrator.show(self.phone.tokens.device != before, "the owner signs in again, as a new device")

    def sign_the_tablet_out(self) -> None:
        self.narrator.chapter("Sign a device out", "The phone lists where its owner is signed in, and ends the tablet.")
        listed = {found["name"]: found["id"] for found in self.phone.client.call("GET", DEVICES).body["results"]}
        self.narrator.show(set(listed) == {"Demo phone", "Demo tablet"}, "the person sees both devices, and no dead one")
        access = self.tablet.tokens.access
        answer = self.phone.client.call("DELETE", f"{DEVICES}{listed['Demo tablet']}/")
        began = time.perf_counter()
        self.narrator.show(answer.status == 204, "one device can sign another out")
        self._show_refused("the tablet", access, began, "its access token")
        ended = self._ends(lambda: self.tablet.client.call("GET", ME))
        self.narrator.show(ended == "device_revoked", "the tablet's app knows that it is signed out")

    def sign_out(self) -> None:
        self.narrator.chapter("Sign out", "On the server first; then the app forgets its tokens.")
        self.phone.client.sign_out()
        self.narrator.show(not self.phone.tokens.access, "sign-out ends the device and leaves nothing usable on it")

    def _device(self, name: str, folder: Path) -> Device:
        network = Narrated(name, self.quiet, self.narrator)
        storage = FileStorage(folder / f"{name}.json")
        client = Client(network, storage, tries=5, first_pause=0.4, sleep=self._wait)
        return Device(name, network, storage, client)

    def _sign_in(self, device: Device) -> None:
        person = self.credentials
        device.client.sign_in(person.email, person.password, name=f"Demo {device.name}", platform="demo")

    def _wait(self, seconds: float) -> None:
        self.narrator.say(f"      … no answer; waits {seconds * 1000:.0f} ms and asks again …")
        time.sleep(seconds)

    def _happened(self) -> str:
        return self.phone.network.last.headers.get("x-refresh", "")

    def _show_refused(self, who: str, access: str, began: float, what: str) -> None:
        """Knock until every worker refuses: forty times in a row, for at most three seconds."""
        refusals, asked, last_accepted, answer = 0, 0, began, Answer(0)
        while refusals < 40 and time.perf_counter() - began < 3 * LONGEST_LIFE:
            started = time.perf_counter()
            answer = self.quiet("GET", ME, None, {"Authorization": f"Bearer {access}"})
            asked += 1
            refusals = refusals + 1 if answer.status == 401 else 0
            last_accepted = last_accepted if answer.status == 401 else started
            time.sleep(0.02)
        life = last_accepted - began
        self.narrator.say(
            f"      {who} knocks {asked} times: accepted for the last time after {life * 1000:.0f} ms, then {answer.code}"
        )
        self.narrator.show(refusals >= 40 and life <= LONGEST_LIFE, f"{what} is refused within a second ({life * 1000:.0f} ms)")

    def _ends(self, act: Callable[[], object]) -> str:
        """The code with which the app learns that it is signed out; empty if it does not."""
        try:
            act()
        except SignedOut as end:
            return end.code
        return ""


@contextmanager
def account() -> Iterator[Credentials]:
    """The one from the environment, or a throw-away one."""
    if "EMAIL" in os.environ:
        yield Credentials(os.environ["EMAIL"], os.environ.get("PASSWORD", ""))
        return
    person = Credentials(**json.loads(_manage("demo_user")))
    try:
        yield person
    finally:
        _manage("demo_user", "--remove", person.email)


def _manage(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"\n{done.stderr.strip().rpartition(chr(10))[2]}")
    return done.stdout


def main() -> int:
    url = os.environ.get("URL") or f"http://{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
    narrator = Narrator()
    narrator.say(f"Against {url}. Every request and answer is printed; tokens are shortened.")
    try:
        Http(url, timeout=3)("GET", "/.well-known/jwks.json", None, {})
    except NoAnswer:
        raise SystemExit(f"Nothing answers at {url}. Start the server with `make run`, or give URL=.") from None
    with tempfile.TemporaryDirectory(prefix="demo-") as folder, account() as person:
        try:
            return 0 if Demo(url, person, narrator, Path(folder)).run() else 1
        except (NoAnswer, Refused, SignedOut) as trouble:
            narrator.show(False, f"the demonstration could not go on: {type(trouble).__name__} {trouble}")
            return 1


if __name__ == "__main__":
    sys.exit(main())
