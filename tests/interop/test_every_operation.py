"""Everything that an app may do at the doors and with its own account is done by the TypeScript client."""

import re
from pathlib import Path

from drf_spectacular.generators import SchemaGenerator

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "tests/interop/src"
LAYER = ROOT / "examples/mobile/src"
BY_HAND = re.compile(r'\.(GET|POST|PATCH|PUT|DELETE)\("(/[^"]+)"')
BY_THE_LAYER = re.compile(r"""(request\()?["`](/auth/[^"`]+)""")
NOT_CALLED = {
    ("GET", "/api/v1/me/export/"): "opened by the link that its POST answers, which is in account.test.ts",
    ("POST", "/auth/federated/{provider}/notices/"): "called by an issuer, not by an app: federation.test.ts",
}


def offered() -> set[tuple[str, str]]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    of_apps = {path: methods for path, methods in paths.items() if path.startswith(("/auth/", "/api/v1/me/"))}
    return {(method.upper(), path) for path, methods in of_apps.items() for method in methods}


def called() -> set[tuple[str, str]]:
    stories = "".join(path.read_text() for path in STORIES.glob("*.ts"))
    layer = re.sub(r"\$\{[^}]+\}", "{provider}", "".join(path.read_text() for path in LAYER.glob("*.ts")))
    through_it = {("GET" if asks else "POST", path) for asks, path in BY_THE_LAYER.findall(layer)}
    return {*BY_HAND.findall(stories), *through_it}


def test_every_operation_is_called_or_says_why_not() -> None:
    assert offered() - called() == set(NOT_CALLED)


def test_control_what_is_called_is_offered() -> None:
    assert len(called() & offered()) >= 50
    assert {path for _, path in called()} <= {path for _, path in offered()} | {"/api/v1/users/"}
