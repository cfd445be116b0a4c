"""URLs from the environment: what is taken, what is refused, and what is added to them."""

import json
from pathlib import Path

import pytest

from project.environment import parse_database, parse_mail
from tests.project.environments import production, run

PRINT_OPTIONS = "import json; from project.settings import DATABASES; print(json.dumps(DATABASES['default']['OPTIONS']))"


@pytest.mark.parametrize(
    "raw", ["postgres://u:p@host/name", "postgresql://u:p%2F@host:5432/name?sslmode=require", "sqlite:////x/y"]
)
def test_databases_that_are_taken(raw: str) -> None:
    assert parse_database(raw)["NAME"] in {"name", "/x/y"}


@pytest.mark.parametrize(
    "raw",
    [
        *("", "nonsense", "mysql://u:hidden@host/name", "postgres://u:hidden@host", "postgres://u:hid/den@host/name:x"),
        *("sqlite://", "sqlite:////x?mode=ro", "postgres://u:p@[host/name", "oracle://u:p@host/name"),
    ],
)
def test_databases_that_are_refused_without_their_password(raw: str) -> None:
    with pytest.raises(ValueError, match="expected sqlite:") as refused:
        parse_database(raw)
    assert "hid" not in str(refused.value)


@pytest.mark.parametrize("raw", ["", "nonsense", "http://mail.example.com", "smtp+tls://u:hidden@host:port"])
def test_mail_servers_that_are_refused_without_their_password(raw: str) -> None:
    with pytest.raises(ValueError, match="expected smtp") as refused:
        parse_mail(raw)
    assert "hidden" not in str(refused.value)


def test_mail_servers_that_are_taken() -> None:
    assert parse_mail("smtp+tls://u:p@host:587")["EMAIL_USE_TLS"] is True
    assert parse_mail("consolemail://")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.processes
def test_options_of_the_url_are_added_to_ours(tmp_path: Path) -> None:
    url = "postgres://u:p@host/name?connect_timeout=7&options=-c%20search_path%3Dours"
    printed = run(production(tmp_path, DATABASE_URL=url), "-c", PRINT_OPTIONS).stdout
    options = json.loads(printed)
    assert options["connect_timeout"] == 7
    assert options["tcp_user_timeout"] == 2000
    assert "statement_timeout=10000" in options["options"]
    assert options["options"].endswith(" -c search_path=ours")
