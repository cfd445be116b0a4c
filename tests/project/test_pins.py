"""The hashed pins install today and after the next release of any of them."""

from collections.abc import Iterator
from importlib.metadata import distributions

from packaging.requirements import Requirement


def needed_with_extras() -> Iterator[str]:
    """What an installed package asks for as `other[extra]`, on this platform."""
    for distribution in distributions():
        for line in distribution.requires or []:
            needed = Requirement(line)
            if needed.extras and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                yield f"{distribution.name} needs {line}"


def test_no_pin_is_passed_by_through_an_extra() -> None:
    # pip before 23.3, which Python 3.11 brings, does not hold `other[extra]` to the pin of `other`: it takes the newest
    # release, finds it unhashed and stops, so a pin that installs today would not tomorrow.
    assert list(needed_with_extras()) == []
