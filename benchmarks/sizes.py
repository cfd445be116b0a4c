"""How much of everything; `Pace` is what `--quick` changes."""

from dataclasses import dataclass

USERS = 10_000
CALLERS = 500
CONNECTIONS = 16
DEVICES = 4


@dataclass(frozen=True)
class Pace:
    """Rounds, and the length of one turn of one contender within a round, in seconds."""

    rounds: int
    in_process: float
    requests: float
    refreshes: float


FULL = Pace(rounds=9, in_process=2.0, requests=2.0, refreshes=3.0)
QUICK = Pace(rounds=3, in_process=0.4, requests=0.5, refreshes=0.8)
