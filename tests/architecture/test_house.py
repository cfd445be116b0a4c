"""The house: words that are not used, things that are not installed, files that do not exist."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.core.errors import Problem

ROOT = Path(__file__).resolve().parents[2]
CODE = [path for room in ("accounts", "api", "project") for path in (ROOT / room).rglob("*.py")]
ALLOWED_SESSION_LINES = re.compile(
    r"SESSION_COOKIE_|request\.session|no session|No session|SessionMiddleware|without a session|session table|session_key|"
    r"is a session|server-side session|idle_in_transaction_session_timeout|session-free|SessionStore|sessions-revoked|"
    r"end_session_endpoint|backchannel_logout_session_supported"
)


def test_there_is_no_session_machinery() -> None:
    assert not apps.is_installed("django.contrib.sessions")
    assert not any("session" in name.lower() for name in settings.MIDDLEWARE)


@pytest.mark.django_db
def test_there_is_no_session_table() -> None:
    assert not [name for name in connection.introspection.table_names() if "session" in name]


def test_session_is_not_a_word_of_the_code() -> None:
    lines = [(path, line) for path in CODE for line in path.read_text().splitlines() if "session" in line.lower()]
    assert [(str(path), line) for path, line in lines if not ALLOWED_SESSION_LINES.search(line)] == []


@pytest.mark.parametrize("name", ["services.py", "utils.py", "helpers.py", "common.py", "misc.py"])
def test_no_file_is_called_after_nothing(name: str) -> None:
    assert [path for path in CODE if path.name == name] == []


def test_no_work_is_left_in_the_code() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [(str(path), line) for path in CODE for line in path.read_text().splitlines() if unfinished.search(line)] == []


OUR_OWN_JSON = {
    *("accounts/core/strict_json.py", "project/settings.py", "accounts/federation/providers.py"),
    *("api/pagination.py", "accounts/outbox/delivery.py"),
    *("accounts/lifecycle/imports/reading.py", "accounts/lifecycle/imports/json_entries.py"),
    "accounts/passwords/legacy/keycloak.py",
}
"""Settings, what we encrypted ourselves, files that the operator imports."""


def test_S02_what_clients_send_is_read_by_the_strict_parser_alone() -> None:
    """The standard one answers 3 kB of brackets with an error of ours."""
    bare = re.compile(r"\bjson\.loads?\b")
    assert {str(path.relative_to(ROOT)) for path in CODE if bare.search(path.read_text())} == OUR_OWN_JSON


# Where an upsert is right: nothing there may happen only once.
UPSERTS = {
    "accounts/core/limits.py": "a counter counts every try, and its condition decides by the row count",
    "accounts/links/codes.py": "a newer code takes the place of the one before",
    "accounts/links/mailed.py": "the span of changes that were undone grows",
    "accounts/lifecycle/deletion.py": "an id may be kept as erased already",
}


def test_R28_what_may_happen_once_is_never_an_upsert() -> None:
    upsert = re.compile(r"update_or_create|get_or_create|update_conflicts|DO UPDATE")
    assert {str(path.relative_to(ROOT)) for path in CODE if upsert.search(path.read_text())} == set(UPSERTS)


JOSE = ("joserfc", "jwt", "jose", "authlib", "jwcrypto", "python_jwt")


def test_Y10_no_second_jose_library_creeps_in() -> None:
    """joserfc is in its two places, so what looks finds what is there."""
    imported: dict[str, set[str]] = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in {name.partition(".")[0] for name in names} & set(JOSE):
                imported.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    assert imported == {"joserfc": {"accounts/tokens/jose.py", "accounts/tokens/foreign.py"}}


def problems(kind: type[Problem] = Problem) -> list[type[Problem]]:
    return [kind, *(found for inner in kind.__subclasses__() for found in problems(inner))]


def test_every_problem_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in problems()]
    assert sorted(codes) == sorted(set(codes))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in codes)


def test_every_problem_has_a_client_or_infrastructure_status() -> None:
    assert {kind.status for kind in problems()} <= {400, 401, 403, 404, 409, 413, 415, 429, 500, 503}


def test_migrations_are_named_after_what_they_change() -> None:
    names = [path.stem for room in ("accounts", "api") for path in (ROOT / room).glob("migrations/0*.py")]
    assert [name for name in names if re.search(r"_auto_|_initial$", name)] == []
