"""The file that stands in for a Keychain."""

import stat
import threading
from pathlib import Path

from examples.mobile_client.storage import FileStorage, Tokens

FIRST, SECOND, THIRD = (Tokens(f"access {number}", f"refresh {number}", "device") for number in range(3))


def test_nothing_is_stored_at_first(tmp_path: Path) -> None:
    assert FileStorage(tmp_path / "tokens.json").load() is None


def test_what_was_stored_is_found_by_another_process(tmp_path: Path) -> None:
    FileStorage(tmp_path / "tokens.json").replace(None, FIRST)
    assert FileStorage(tmp_path / "tokens.json").load() == FIRST


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    FileStorage(tmp_path / "tokens.json").replace(None, FIRST)
    assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


def test_what_somebody_else_has_changed_stays(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "tokens.json")
    storage.replace(None, FIRST)
    assert storage.replace(FIRST, SECOND) == SECOND
    assert storage.replace(FIRST, THIRD) == SECOND
    assert storage.load() == SECOND


def test_one_of_many_writers_wins(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "tokens.json")
    storage.replace(None, FIRST)
    results: list[Tokens] = []

    def write(number: int) -> None:
        own = FileStorage(tmp_path / "tokens.json")
        results.append(own.replace(FIRST, Tokens(f"access of {number}", "refresh", "device")))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == {storage.load()}
