"""Whether the time of an answer tells who has an account (SECURITY E-02): `python -m benchmarks.enumeration [DOOR]`.

Prints a table; a whole run writes `enumeration.json`. Exit status 1 when a door tells somebody apart.
"""

import base64
import json
import math
import secrets
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from .children import run_module

HERE = Path(__file__).resolve().parent
LEAST_P, MOST_DIFFERENCE = 0.01, 0.05


def times(folder: Path, wanted: list[str]) -> dict[str, dict[str, list[float]]]:
    """Seconds by door, of `known` and `unknown` addresses, from a server of its own on an empty database."""
    environ = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.signet_settings",
        # A developer's own .env must not change the figures.
        "SIGNET_ENV_FILE": str(folder / "none.env"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": f"sqlite:///{folder / 'signet.sqlite3'}",
    }
    measured: dict[str, dict[str, list[float]]] = json.loads(
        run_module(environ, "benchmarks.with_django", "benchmarks.enumeration_doors", *wanted)
    )
    return measured


def judged(known: list[float], unknown: list[float]) -> dict[str, Any]:
    medians = statistics.median(known), statistics.median(unknown)
    difference, p = medians[0] / medians[1] - 1, mann_whitney(known, unknown)
    return {
        "samples": len(known),
        "known_ms": round(medians[0] * 1000, 3),
        "unknown_ms": round(medians[1] * 1000, 3),
        "difference": round(difference, 4),
        "p": round(p, 4),
        "indistinguishable": abs(difference) < MOST_DIFFERENCE or p > LEAST_P,
    }


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Two-sided p of the U test (Mann and Whitney 1947), by the normal approximation: fit for hundreds of samples."""
    ranked = sorted((value, source) for source, found in enumerate((one, other)) for value in found)
    ranks = sum(rank for rank, (_, source) in enumerate(ranked, 1) if source == 0)
    n, m = len(one), len(other)
    z = (ranks - n * (n + 1) / 2 - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def table(results: dict[str, dict[str, Any]]) -> str:
    lines = [f"{'door':20}{'known':>11}{'unknown':>11}{'Δ':>8}{'p':>8}"]
    for door, found in results.items():
        row = f"{door:20}{found['known_ms']:>8.2f} ms{found['unknown_ms']:>8.2f} ms{found['difference']:>8.1%}{found['p']:>8.3f}"
        lines.append(row if found["indistinguishable"] else f"{row}  tells them apart")
    return "\n".join(lines)


def main(wanted: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="signet-enumeration-") as folder:
        results = {door: judged(**found) for door, found in times(Path(folder), wanted).items()}
    print(table(results))
    if not wanted:
        (HERE / "enumeration.json").write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(found["indistinguishable"] for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
