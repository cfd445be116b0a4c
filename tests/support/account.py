"""The account pages as a person uses them: signed in, and later without a recent proof."""

import re
from datetime import timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.utils import timezone

from tests.support.browser import Answer

SECURITY, PROFILE = "/account/security/", "/account/profile/"


def text(answer: Answer) -> str:
    """Status 2xx or 4xx; the page without markup, its white space as one blank."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def later() -> Any:
    """Past the time in which a proof is fresh for everything."""
    away = settings.FACTOR_FRESHNESS_WINDOW + timedelta(minutes=1)
    return time_machine.travel(timezone.now() + away, tick=False)


def leads_to(answer: Answer) -> tuple[int, str]:
    """Status and path, without query."""
    return answer.status_code, answer.headers.get("Location", "").partition("?")[0]
