"""/metrics of a server with several processes: one figure for all of them, beginning at zero with the server."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project.environments import ROOT, production
from tests.support.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.usefixtures("collected")]

TOKEN = "only-for-the-tests-of-metrics"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return production(
        tmp_path,
        PORT=str(free_port()),
        WORKERS="2",
        METRICS_TOKEN=TOKEN,
        PUBLIC_URL="http://127.0.0.1",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"),
    )


@contextmanager
def serving(env: dict[str, str]) -> Iterator[str]:
    manage = [sys.executable, "-W", "ignore", "manage.py"]
    subprocess.run([*manage, "prepare", "--migrate", "-v0"], cwd=ROOT, env=env, check=True, capture_output=True)
    server = subprocess.Popen(
        [*manage, "serve", "--without-worker"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{env['PORT']}"
    try:
        deadline = time.monotonic() + 60
        while status(f"{url}/readyz") != 200:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        assert server.wait(20) == 0


def status(url: str, body: bytes | None = None) -> int:
    try:
        asked = urllib.request.Request(url, body, {"Content-Type": "application/json", "Connection": "close"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def figures(url: str) -> dict[str, float]:
    asked = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        lines = re.findall(r"^(signet_\S+) (\S+)$", answer.read().decode(), re.MULTILINE)
    return {name: float(value) for name, value in lines}


def bad_refreshes(url: str, count: int) -> None:
    body = json.dumps({"refresh": "rt1.not-a-token"}).encode()
    assert {status(f"{url}/auth/token/refresh/", body) for _ in range(count)} == {401}


INVALID = 'signet_refreshes_total{outcome="invalid"}'


def test_every_process_tells_the_sum_of_all(env: dict[str, str], tmp_path: Path) -> None:
    with serving(env) as url:
        sent, deadline = 0, time.monotonic() + 30
        # The second process may come up after the first has answered.
        while len(list((tmp_path / "metrics").glob("counter_*.db"))) < 2:
            assert time.monotonic() < deadline
            bad_refreshes(url, 20)
            sent += 20
        told = [figures(url)[INVALID] for _ in range(10)]
        assert set(told) == {float(sent)}


def test_counters_begin_at_zero_with_the_server(env: dict[str, str]) -> None:
    with serving(env) as url:
        bad_refreshes(url, 3)
        assert figures(url)[INVALID] == 3
    with serving(env) as url:
        assert INVALID not in figures(url)


def test_figures_of_the_moment_are_told_too(env: dict[str, str]) -> None:
    with serving(env) as url:
        told = figures(url)
    assert told["signet_feed_age_seconds"] < 10
    assert told['signet_outbox_messages{state="waiting"}'] == 0
    assert told['signet_signing_key_age_seconds{algorithm="ES256",purpose="access"}'] < 3600
