"""People with an authenticator app."""

import pytest

from accounts.users.models import User
from tests.support.phone import Phone, enrolled


@pytest.fixture
def phone(alice: User) -> Phone:
    """Alice's, enrolled."""
    return enrolled(alice)
