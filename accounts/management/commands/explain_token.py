"""Say of a token, step by step, why it is accepted or refused."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.tokens.explain import Explained


class Command(BaseCommand):
    help = "Replay the verification of an access token, a cookie, a link, a refresh token or a DPoP proof. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", nargs="?", help="Better by standard input: an argument stays in the shell's history.")

    def handle(self, *args: Any, **options: Any) -> None:
        token = (options["token"] or sys.stdin.read()).strip().removeprefix("Bearer ").removeprefix("DPoP ")
        if not token:
            raise CommandError("No token: give it by standard input.")
        explained = Explained(token)
        passed = True
        for step in explained.steps():
            mark = self.style.SUCCESS("ok    ") if step.passed else self.style.ERROR("FAILED")
            self.stdout.write(f"{mark} {step.name}: {step.found}")
            passed = step.passed
        if explained.claims:
            self.stdout.write(json.dumps(explained.claims, indent=2, ensure_ascii=True, default=str))
        if not passed:
            raise CommandError("The token is refused.")
        self.stdout.write("The token is accepted.")
