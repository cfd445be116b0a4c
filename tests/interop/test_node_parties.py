"""openid-client and oauth4webapi, libraries for Node that know nothing of this project, go through every flow.

Each flow is a test of Node's in `parties/`; what it printed is in the error.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import running_server

from . import registered, workshop

STORIES = sorted(path.name for path in (Path(__file__).parent / "parties").glob("*.test.mjs"))


@pytest.fixture(scope="module")
def world(node: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_server(tmp_path_factory.mktemp("parties")) as server:
        yield registered.world(server)


@pytest.mark.processes
@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_library_goes_through(story: str, world: dict[str, Any]) -> None:
    folder = workshop.with_packages("parties")
    command = ("node", "--test", "--test-timeout=60000", "--test-reporter=spec", story)
    printed = workshop.run(*command, folder=folder, env={"SIGNET_WORLD": json.dumps(world)})
    assert "pass 0" not in printed, printed
