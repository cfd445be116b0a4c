"""Services by API: what superusers do in the admin, for their scripts."""

from typing import Any

import pytest

from accounts.audit.models import AuditEvent
from accounts.oidc.models import Service
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.support.app import App

SERVICES = "/api/v1/services/"
READ = {"name": "notes:read", "description": "Read your notes"}
NOTES: dict[str, Any] = {"audience": "https://notes.example", "name": "Notes", "scopes": [READ]}


@pytest.fixture
def notes(root_app: App) -> dict[str, Any]:
    made = root_app.post(SERVICES, NOTES)
    assert made.status_code == 201, made.content
    found: dict[str, Any] = made.json()
    return found


def path_of(notes: dict[str, Any]) -> str:
    return f"{SERVICES}{notes['id']}/"


def test_service_is_registered_read_changed_and_removed(root_app: App, notes: dict[str, Any]) -> None:
    assert {name: notes[name] for name in NOTES} == NOTES
    assert root_app.get(path_of(notes)).json() == notes
    assert root_app.get(SERVICES).json()["results"] == [notes]
    everything = {"name": "notes:all", "description": "Everything"}
    assert root_app.patch(path_of(notes), {"name": "Jotter"}).json() == {**notes, "name": "Jotter"}
    assert root_app.patch(path_of(notes), {"scopes": [everything]}).json()["scopes"] == [everything]
    assert [root_app.delete(path_of(notes)).status_code for _ in range(2)] == [204, 404]


def test_service_asks_about_tokens_as_a_client_that_authenticates(root_app: App, notes: dict[str, Any]) -> None:
    asked = {"name": "Notes itself", "grants": ["client_credentials"], "scopes": [], "id_token_algorithm": "ES256"}
    client = root_app.post("/api/v1/clients/", asked).json()["id"]
    assert root_app.patch(path_of(notes), {"client": client}).json()["client"] == client
    assert root_app.patch(path_of(notes), {"client": None}).json()["client"] is None
    refused = root_app.patch(path_of(notes), {"client": "c_nobody"})
    assert refused.json()["errors"]["client"][0]["detail"] == "A service asks about tokens as a client that authenticates."


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("audience", {"audience": "notes"}),
        ("audience", {"audience": "http://testserver/api"}),
        ("name", {"name": ""}),
        ("scopes", {"scopes": [{"name": "openid", "description": "x"}]}),
        ("scopes", {"scopes": [READ, READ]}),
        ("scopes.0.description", {"scopes": [{"name": "notes:read"}]}),
        ("scopes.0.also", {"scopes": [{**READ, "also": "x"}]}),
        ("scopes", {"scopes": {"notes:read": "Read your notes"}}),
        ("also", {"also": "x"}),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_beside_its_field(root_app: App, field: str, asked: dict[str, Any]) -> None:
    refused = root_app.post(SERVICES, {**NOTES, **asked})
    assert refused.status_code == 400
    assert field in {name.partition(".non_field_errors")[0] for name in refused.json()["errors"]}
    assert not Service.objects.exists()


def test_audience_stays(root_app: App, notes: dict[str, Any]) -> None:
    refused = root_app.patch(path_of(notes), {"audience": "https://other.example"})
    assert refused.json()["errors"]["audience"][0]["code"] == "fixed"


def test_audience_is_taken_once(root_app: App, notes: dict[str, Any]) -> None:
    assert root_app.post(SERVICES, {**NOTES, "scopes": []}).json()["errors"]["audience"][0]["code"] == "taken"


def test_writing_wants_a_fresh_proof_and_reading_does_not(root_app: App, notes: dict[str, Any]) -> None:
    proved_long_ago(root_app)
    assert root_app.get(SERVICES).status_code == 200
    refused = [root_app.post(SERVICES, NOTES), root_app.patch(path_of(notes), {"name": "x"}), root_app.delete(path_of(notes))]
    assert {answer.json()["code"] for answer in refused} == {"insufficient_user_authentication"}


def test_B10_superuser_of_a_second_ago_changes_nothing(root_app: App, superuser: User, notes: dict[str, Any]) -> None:
    User.objects.filter(id=superuser.id).update(is_superuser=False)
    refused = [
        root_app.post(SERVICES, {"audience": "https://other.example", "name": "Other"}),
        root_app.patch(path_of(notes), {"scopes": []}),
        root_app.delete(path_of(notes)),
    ]
    assert [answer.status_code for answer in refused] == [403] * 3
    assert Service.objects.get().scopes.count() == 1


def test_each_act_is_recorded_with_who_did_it(root_app: App, superuser: User, notes: dict[str, Any]) -> None:
    root_app.patch(path_of(notes), {"name": "Jotter"})
    root_app.delete(path_of(notes))
    events = AuditEvent.objects.filter(event__startswith="service", actor_id=superuser.id).order_by("id")
    assert [event.event for event in events] == ["service.registered", "service.updated", "service.removed"]


def test_half_a_scope_is_refused_in_a_change_too(root_app: App, notes: dict[str, Any]) -> None:
    answer = root_app.patch(path_of(notes), {"scopes": [{"description": "Read"}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [found["code"] for found in answer.json()["errors"].values() for found in found] == ["required"]
