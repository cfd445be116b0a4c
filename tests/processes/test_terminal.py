"""`make run` at a terminal: Ctrl-C ends everything at once, a second one does no harm, and a taken port is said (W-07)."""

import signal
import socket
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.project.environments import run
from tests.support.server import Server, running_server
from tests.support.terminal import CTRL_C, serving

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("terminal"), start=False) as prepared:
        yield prepared


@pytest.mark.deadline
def test_W07_ctrl_c_ends_everything_at_once_and_kills_nobody(server: Server) -> None:
    with serving(server) as terminal:
        family = terminal.family()
        assert len(family) >= 4  # serve, granian with two workers, the outbox worker
        terminal.press(CTRL_C)
        assert terminal.wait() < 5
        assert terminal.process.returncode == 0
        assert not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    # That nobody was killed is in the time: the app server waits ten seconds first. It says "Killing" of workers too that have
    # closed everything and are not quite gone.
    assert b"Traceback" not in terminal.printed


@pytest.mark.deadline
def test_W07_a_second_ctrl_c_neither_hangs_nor_hurts(server: Server) -> None:
    with serving(server) as terminal:
        terminal.press(CTRL_C)
        time.sleep(0.05)
        terminal.press(CTRL_C)
        assert terminal.wait() < 5
        assert terminal.process.returncode == 0
    assert b"Traceback" not in terminal.printed


@pytest.mark.deadline
def test_W07_ctrl_c_ends_what_is_still_loading(server: Server) -> None:
    with serving(server, ready=False) as terminal:
        while len(terminal.family()) < 5:  # serve, granian with two workers, the outbox worker
            time.sleep(0.01)
        assert not server.answers()
        terminal.press(CTRL_C)
        assert terminal.wait() < 5


@pytest.mark.deadline
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_it_too(server: Server, name: signal.Signals) -> None:
    with serving(server) as terminal:
        terminal.process.send_signal(name)
        assert terminal.wait() < 5
        assert terminal.process.returncode == 0


@pytest.mark.deadline
def test_twenty_signals_do_not_hang_the_mail_worker(server: Server) -> None:
    worker = server.spawn("worker", LOG_LEVEL="DEBUG")
    while "worker.started" not in server.log():
        assert worker.poll() is None
        time.sleep(0.05)
    for _ in range(20):
        worker.send_signal(signal.SIGINT)
    assert worker.wait(5) == 0


def test_the_app_server_starts_without_a_word(server: Server) -> None:
    with serving(server) as terminal:
        started = bytes(terminal.printed)
        terminal.press(CTRL_C)
        terminal.wait()
    assert b"Sign in" in started
    assert b"granian" not in started


def test_a_taken_port_is_one_sentence(server: Server) -> None:
    with socket.create_server(("127.0.0.1", server.port)):
        refused = run(server.env, "manage.py", "serve", "--port", str(server.port))
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == f"CommandError: Port {server.port} is taken; try make run PORT={server.port + 1}"
    assert "Traceback" not in refused.stderr
