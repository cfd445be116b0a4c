"""The test server's settings, with one more path that shows what the application believes of a request."""

from tests.server_settings import *  # noqa: F403

ROOT_URLCONF = "tests.deploy.mirror"
