"""What tests of real starts share."""

import pytest

from tests.project.environments import production, run


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Style sheets in `var/static`, as the page on operating says: once for each release."""
    env = production(tmp_path_factory.mktemp("collected"))
    assert run(env, "manage.py", "collectstatic", "--noinput", "--verbosity", "0").returncode == 0
