"""How much of everything; `Pace` is what `--quick` changes."""

from dataclasses import dataclass

USERS = 10_000
CALLERS = 500
# More than Signet's memory of verified tokens holds, so that in a row of them each is a stranger.
FRESH_TOKENS = 21_000
CONNECTIONS = 64
DEVICES = 4
# People whose access token is shown to userinfo. The in-memory store of oidc-provider holds a thousand things, three for each.
HOLDERS = 300


@dataclass(frozen=True)
class Pace:
    """Rounds; seconds of one turn of one contender; codes of one turn; seconds to spend on taking disturbed turns again."""

    rounds: int
    in_process: float
    requests: float
    refreshes: float
    exchanges: int
    verification: float
    patience: float


FULL = Pace(rounds=9, in_process=2.0, requests=1.5, refreshes=3.0, exchanges=150, verification=1.0, patience=60.0)
QUICK = Pace(rounds=3, in_process=0.25, requests=0.3, refreshes=0.5, exchanges=30, verification=0.2, patience=3.0)

CODES = FULL.exchanges * (FULL.rounds + 1)
"""For every round, and the one that warms up."""
