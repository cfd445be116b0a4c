"""Write good and bad tokens with their verdicts, by which a service's own tests show that it checks tokens right."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.tokens.vectors import book

_WELL_KNOWN = ".well-known"


class Command(BaseCommand):
    help = "Test vectors for services that verify tokens, of a throw-away issuer: no key and no row of this server is touched."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="Where to write them; to standard output without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        vectors = book.new()
        folder: Path | None = options["folder"]
        if folder is None:
            self.stdout.write(_text(vectors))
            return
        try:
            _write(folder, vectors)
        except OSError as error:
            raise CommandError(f"cannot write to {folder}: {error.strerror}") from error
        self.stdout.write(f"{len(vectors['tokens'])} tokens and {len(vectors['documents']['vectors'])} lists in {folder}")


def _write(folder: Path, vectors: dict[str, Any]) -> None:
    """Beside the vectors what the issuer publishes, under its paths: any server of files can play it."""
    (folder / _WELL_KNOWN).mkdir(parents=True, exist_ok=True)
    (folder / "token-vectors.json").write_text(_text(vectors) + "\n")
    (folder / _WELL_KNOWN / "jwks.json").write_text(_text(vectors["jwks"]) + "\n")
    (folder / _WELL_KNOWN / "revocations").write_text(vectors["revocations"])


def _text(value: Any) -> str:
    return json.dumps(value, indent=2)
