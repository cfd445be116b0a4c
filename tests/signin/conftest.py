"""People who try to get in: from where they like, as whom they like."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support.app import PASSWORD

Guess = Callable[..., HttpResponse]


@pytest.fixture
def guess(db: None) -> Guess:
    """POST /auth/token/ from `address`; the password is wrong unless `right`."""

    def post(email: str, *, address: str = "198.51.100.1", right: bool = False, device: str = "", **headers: str) -> HttpResponse:
        body = {
            "email": email,
            "password": PASSWORD if right else "wrong password",
            **({"device": {"refresh": device}} if device else {}),
        }
        client = Client(REMOTE_ADDR=address)
        return client.post("/auth/token/", body, content_type="application/json", headers=headers)

    return post
