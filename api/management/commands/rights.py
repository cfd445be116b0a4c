"""Print who may call what, from the URLconf and the rules themselves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api import routes
from api.routes import Route

_HEAD = ("METHOD", "PATH", "SCOPE", "PERMISSION", "ROWS", "FRESH PROOF", "CREDENTIALS")


class Command(BaseCommand):
    help = "Routes × methods × scope × permission × rows × freshness × credentials. A route without a rule is an error."

    def handle(self, *args: Any, **options: Any) -> None:
        found = routes.guarded()
        table = [_HEAD, *(_line(route) for route in found)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for line in table:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        bare = [f"{route.method} {route.path}" for route in found if route.rule is None]
        if bare:
            raise CommandError(f"No rule, so denied to everybody: {', '.join(bare)}")


def _line(route: Route) -> tuple[str, ...]:
    rule = route.rule
    if rule is None:
        return (route.method, route.path, *("nobody",) * 5)
    fresh = "always" if rule.fresh else rule.fresh_for
    cells = (str(rule.scope or ""), rule.permission, rule.rows, fresh, " ".join(sorted(rule.credentials)))
    return (route.method, route.path, *(cell or "-" for cell in cells))
