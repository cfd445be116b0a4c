"""Requests made up from the OpenAPI document, right and wrong: each is answered as it says (SECURITY B-04, B-15, S-15).

Schemathesis asks for: never 5xx, only documented statuses, types, headers and members, wrong data refused, wrong methods refused
with `Allow`, and no answer without the credentials that the document demands.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
HOW = [
    # One worker: two threads that parse Python at once crash some releases of CPython 3.11 (gh-106905), and Hypothesis parses.
    *("--phases", "coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--workers", "1", "--continue-on-failure"),
    # A request can be well-formed and still be refused: a wrong code, a name that is taken.
    *("--checks", "all", "--exclude-checks", "positive_data_acceptance", "--warnings", "off"),
]
ROOT = {"DJANGO_SUPERUSER_EMAIL": "root@example.com", "DJANGO_SUPERUSER_PASSWORD": "an administrator's password"}
ENDS_THE_SIGN_IN = ("/auth/token/revoke/", "/api/v1/me/password/", "/api/v1/me/devices/revoke-others/")
MAKE_A_GROUP_AND_SOMEBODY = """
from django.contrib.auth.models import Group
from accounts.users.models import User
Group.objects.create(name="editors")
print(User.objects.create_user("bob@example.com", "correct horse battery staple").id)
"""
THEY_ARE = """
[[operations]]
include-path-regex = "^/api/v1/users/.id"
parameters = {{ "path.id" = "{}" }}
[[operations]]
include-path-regex = "^/api/v1/groups/.name"
parameters = {{ "path.name" = "editors" }}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("generated"), env={"REQUIRE_MFA_FOR_STAFF": "false"}) as running:
        yield running


def judged(server: Server, folder: Path, *options: str, config: str = "") -> "subprocess.CompletedProcess[str]":
    chosen = folder / "schemathesis.toml"
    chosen.write_text(config)
    command = [SCHEMATHESIS, "--config-file", str(chosen), "run", f"{server.url}/api/schema/", *HOW, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def access_of_a_superuser(server: Server) -> str:
    server.manage("createsuperuser", "--noinput", **ROOT)
    body = json.dumps(dict(zip(("email", "password"), ROOT.values(), strict=True))).encode()
    request = urllib.request.Request(f"{server.url}/auth/token/", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["access"])


def test_B04_B15_S15_a_superuser_gets_only_what_the_document_says(server: Server, tmp_path: Path) -> None:
    bob = server.manage("shell", "-c", MAKE_A_GROUP_AND_SOMEBODY).split()[-1]
    authorization = ("--header", f"Authorization: Bearer {access_of_a_superuser(server)}")
    left_out = [part for path in ENDS_THE_SIGN_IN for part in ("--exclude-path", path)]
    done = judged(server, tmp_path, *authorization, *left_out, config=THEY_ARE.format(bob))
    assert done.returncode == 0, done.stdout


def test_B04_B15_S15_a_stranger_gets_only_what_the_document_says(server: Server, tmp_path: Path) -> None:
    done = judged(server, tmp_path)
    assert done.returncode == 0, done.stdout
