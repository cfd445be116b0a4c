"""A small fleet on the bad network (SECURITY RL-04 to RL-06, RL-29); `make faults` is the full size."""

from pathlib import Path

import pytest

from . import fleet
from .checker import History, Verdict, judge, table

pytestmark = [pytest.mark.processes, pytest.mark.slow]

WITHOUT_RESCUE = fleet.Size(
    phones=10, rounds=3, thieves=0, riders=0, unit=0.5, sabotage=(("REFRESH_RESCUE_WINDOW", "0s"), ("REFRESH_RACE_WINDOW", "0s"))
)


def judged(size: fleet.Size, folder: Path) -> Verdict:
    return judge(History.read(fleet.run(size, folder, seed=20)))


def test_RL04_RL05_RL06_honest_phones_stay_and_thieves_go(tmp_path: Path) -> None:
    verdict = judged(fleet.SHORT, tmp_path)
    assert verdict.has_passed, table({"short": verdict})
    assert verdict.figures["dropped after the commit"] > 0
    assert verdict.figures["thieves out"] >= fleet.SHORT.thieves


def test_RL04_server_without_rescue_is_noticed(tmp_path: Path) -> None:
    verdict = judged(WITHOUT_RESCUE, tmp_path)
    assert verdict.broken["an honest device was signed out"], table({"without rescue": verdict})
