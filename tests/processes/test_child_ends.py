"""`manage.py serve` whose app server or mail worker ends unasked: it ends too, leaves nobody behind, and never says that all
went well, so that systemd and Docker start it anew."""

import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.support.server import Server, running_server
from tests.support.terminal import Terminal, serving

pytestmark = [pytest.mark.processes, pytest.mark.slow]
APP_SERVER, WORKER = "granian", "worker"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("child"), start=False) as prepared:
        yield prepared


def child(terminal: Terminal, word: str) -> psutil.Process:
    (found,) = [one for one in psutil.Process(terminal.process.pid).children() if word in one.cmdline()]
    return found


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("word", [APP_SERVER, WORKER])
def test_serve_fails_when_a_child_ends_unasked(server: Server, word: str, end: signal.Signals) -> None:
    with serving(server) as terminal:
        family = terminal.family()
        child(terminal, word).send_signal(end)
        terminal.wait()
        assert terminal.process.returncode == 1
        assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not server.answers()
