"""What one run measured, before anything is made of it."""

from dataclasses import dataclass, field

OURS = "signet"
# What the rivals are compared with when Signet is left out.
STAND_IN = "simplejwt_stateless"


@dataclass
class Measured:
    """Raw figures of one run, per contender and round."""

    labels: dict[str, str]
    in_process: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    requests: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    retaken: int = 0
    refreshes: dict[str, list[float]] = field(default_factory=dict)
    rows_left: dict[str, float] = field(default_factory=dict)
    commit_seconds: list[float] = field(default_factory=list)
    userinfo: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    exchanges: dict[str, list[float]] = field(default_factory=dict)
    verification: dict[str, list[float]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Who stands above the line in the ratios of rates."""
        return OURS if OURS in self.labels else STAND_IN
