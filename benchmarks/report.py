"""Writes down what a run measured, and what a reader needs to trust it."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from . import golang, node
from .chart import chart
from .cores import LOAD_CORE, SERVER_CORE
from .measured import Measured
from .rivals import oauth_toolkit
from .rounds import DISTURBED
from .rows import Row

HERE = Path(__file__).resolve().parent
PACKAGES = (
    *("Django", "djangorestframework", "djangorestframework-simplejwt", "django-rest-knox"),
    *("fastapi", "PyJWT", "joserfc", "granian"),
)


def footnotes(measured: Measured, seconds: float) -> str:
    """What a reader needs to trust the table."""
    lines = [f"\nserver on core {SERVER_CORE}, load on core {LOAD_CORE}; {seconds:.0f} s"]
    if measured.retaken:
        lines.append(f"{measured.retaken} turns were taken again because other programs used the server's core")
    for name, turns in [*measured.requests.items(), *measured.userinfo.items()]:
        server, driver = (median(turn[who] for turn in turns) for who in ("server_busy", "load_busy"))
        if server < DISTURBED:
            lines.append(f"disturbed: {measured.labels[name]} had {server:.0%} of its core; the load generator used {driver:.0%}")
    for name, left in measured.rows_left.items():
        lines.append(f"{measured.labels[name]}: {left:,.0f} rows left by 1,000 refreshes")
    if measured.commit_seconds:
        cheapest, usual, dearest = (1e6 * pick(measured.commit_seconds) for pick in (min, median, max))
        lines.append(f"a bare SQLite commit took {usual:.0f} µs ({cheapest:.0f}–{dearest:.0f}) between the refreshes")
    if len(measured.verification) == 1:
        ((name, seconds),) = measured.verification.items()
        lines.append(f"a token checked by the verifier in {name} alone: {1e6 * median(seconds):.0f} µs")
    lines += [f"left out: {what}" for what in measured.left_out]
    return "\n".join(lines)


def write(measured: Measured, made: list[Row], whole: bool) -> str:
    """Write `results.json` and `chart.svg`; partial and quick runs go to `var/benchmarks` and spare the README's."""
    folder = HERE if whole else HERE.parent / "var" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(_document(measured, made), indent=1, ensure_ascii=False) + "\n")
    (folder / "chart.svg").write_text(chart(made))
    return str(folder.relative_to(HERE.parent))


def _document(measured: Measured, made: list[Row]) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": _packages(),
        "cores": {"server": SERVER_CORE, "load": LOAD_CORE},
        "load_average": os.getloadavg(),
        "left_out": measured.left_out,
        "rows": [
            {
                "group": row.group,
                "label": row.label,
                "ratio": round(row.median, 3),
                "min": round(min(row.ratios), 3),
                "max": round(max(row.ratios), 3),
                "rounds": [round(ratio, 3) for ratio in row.ratios],
                "goal": str(row.goal or ""),
                "reached": row.goal.met(row.median) if row.goal else None,
                "note": row.note,
            }
            for row in made
        ],
        "raw": {
            "seconds_per_call": measured.in_process,
            "requests_per_second": measured.requests,
            "refreshes_per_second": measured.refreshes,
            "seconds_per_bare_commit": measured.commit_seconds,
            "rows_left_per_1000_refreshes": measured.rows_left,
            "userinfo_per_second": measured.userinfo,
            "exchanges_per_second": measured.exchanges,
            "seconds_per_verified_token": measured.verification,
        },
    }


def _packages() -> dict[str, str]:
    python = {name: version(name) for name in PACKAGES}
    return {**python, "django-oauth-toolkit": oauth_toolkit.version(), **node.packages(), **golang.version()}
