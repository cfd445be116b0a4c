"""The one package of npm's that the board needs, as its lock file pins it, in a folder beside the tree."""

import hashlib
import shutil
import subprocess
from pathlib import Path

BOARD = Path(__file__).parent / "board"
FILE = Path("node_modules", "oidc-client-ts", "dist", "browser", "oidc-client-ts.min.js")


class Missing(Exception):
    """What has to be installed first, in a sentence."""


def library(folder: Path) -> Path:
    """oidc-client-ts for a browser; fetched once for each lock file. Raises `Missing`."""
    if (npm := shutil.which("npm")) is None:
        raise Missing("npm is needed for the board: it comes with Node (nodejs.org; Debian: apt-get install npm).")
    folder.mkdir(parents=True, exist_ok=True)
    wanted, mark = hashlib.sha256((BOARD / "package-lock.json").read_bytes()).hexdigest(), folder / ".installed"
    if not mark.exists() or mark.read_text() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(BOARD / name, folder)
        command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"npm could not install what the board needs:\n{done.stderr}")
        mark.write_text(wanted)
    return folder / FILE
