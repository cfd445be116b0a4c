"""What comes in is taken as it is or refused: unknown fields, loose types, odd paths (SECURITY B-03 to B-16)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.users.models import User
from api import routes
from tests.support.app import App
from tests.support.browser import rows

from .test_rules import by_name

WRITES = [route for route in routes.guarded() if route.method in {"POST", "PATCH"}]
POWERS = {
    "is_superuser": True,
    "is_active": False,
    "email_verified_at": None,
    "email_verified": True,
    "password": "x",
    "epoch": 99,
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "sub": "x",
    "tenant": "x",
    "user": "x",
    "user_permissions": [1],
    "created_at": "2020-01-01T00:00:00Z",
    "scope": "users:write",
    "members": 5,
}
# What staff may write into others, and nobody into themselves.
OF_OTHERS = {"is_staff": True, "groups": ["editors"], "permissions": ["accounts.add_user"]}
LOOSE = [
    ("name", 12),
    ("name", True),
    ("name", ["Alice"]),
    ("name", {"a": 1}),
    ("name", None),
    ("name", "line\nbreak"),
    ("name", "\u202eecila"),
    ("name", "x" * 151),
    ("name", "\x00"),
    ("groups", "managers"),
    ("groups", ["managers", "managers"]),
    ("groups", [1]),
    ("groups", [["managers"]]),
    ("groups", {"managers": 1}),
    ("groups", None),
    ("is_staff", "true"),
    ("is_staff", 1),
    ("is_staff", None),
    ("is_staff", [True]),
]
QUERIES = [
    "ordering=password",
    "ordering=email,created_at",
    "ordering=--email",
    "ordering=epoch",
    "password__startswith=a",
    "user__password__startswith=a",
    "email=bob@example.com",
    "is_active=maybe",
    "is_active=1",
    "is_active__exact=true",
    "role=a%00b",
    "search=%00",
    "search=" + "a" * 101,
    "search=" + "+".join("abcdefghi"),
    "page_size=0",
    "page_size=-1",
    "page_size=101",
    "page_size=1e2",
    "page_size=%D9%A3",
    "page_size=" + "9" * 5000,
    "cursor=",
    "cursor=cD0x",
    "cursor=v1.00000000.AAAA",
    "cursor=%C3%A9.%C3%A9.%C3%A9",
    "limit=1",
    "access_token=x",
    "%69s_active=true&is_active=true",
    "=1",
]


def as_it_is(user: User) -> dict[str, Any]:
    return User.objects.filter(id=user.id).values().get()


@pytest.mark.parametrize("route", WRITES, ids=by_name)
def test_B03_powers_in_the_body_are_refused_and_change_nothing(
    root_app: App, superuser: User, alice: User, route: routes.Route
) -> None:
    path = route.path.replace("{id}", root_app.device if route.resource == "devices" else str(alice.id))
    path = path.replace("{name}", Group.objects.create(name="editors").name)
    before = [as_it_is(superuser), as_it_is(alice), User.objects.count(), Group.objects.count()]
    own = {} if route.resource in {"users", "groups"} else OF_OTHERS
    for name, value in {**POWERS, **own}.items():
        body = {name: value}
        refused = getattr(root_app, route.method.lower())(path, body)
        assert refused.status_code == 400, name
        assert refused.json()["errors"][name] == [{"code": "unknown_field", "detail": "This field is not known."}]
    assert [as_it_is(superuser), as_it_is(alice), User.objects.count(), Group.objects.count()] == before


def ways_in() -> Iterator[tuple[str, set[str]]]:
    """Path of every POST of /auth/, and the fields that the OpenAPI document gives it."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    for path, methods in document["paths"].items():
        if path.startswith("/auth/") and "post" in methods:
            name = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            yield path.format(provider="google"), set(document["components"]["schemas"][name].get("properties", {}))


@pytest.mark.parametrize(("path", "known"), [*ways_in()], ids=lambda value: value if isinstance(value, str) else "")
def test_B03_powers_in_the_body_of_a_way_in_are_refused_and_change_nothing(
    root_app: App, superuser: User, alice: User, path: str, known: set[str]
) -> None:
    before = [as_it_is(superuser), as_it_is(alice), rows()]
    strange = {name: value for name, value in {**POWERS, **OF_OTHERS}.items() if name not in known}
    assert len(strange) >= len(POWERS)
    for name, value in strange.items():
        refused = root_app.post(path, {name: value})
        assert refused.status_code == 400, name
        assert refused.json()["errors"][name] == [{"code": "unknown_field", "detail": "This field is not known."}]
    assert [as_it_is(superuser), as_it_is(alice), rows()] == before


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_B07_query_is_an_allow_list(root_app: App, bob: User, query: str) -> None:
    refused = root_app.get(f"/api/v1/users/?{query}")
    assert refused.status_code == 400
    assert refused.json()["code"] in {"invalid", "repeated_parameter"}
    assert root_app.get("/api/v1/users/").status_code == 200


@pytest.mark.parametrize("route", [route for route in routes.guarded() if route.method == "GET"], ids=by_name)
def test_B07_unknown_parameter_is_refused_everywhere(
    root_app: App, bob: User, registered: dict[str, Any], route: routes.Route
) -> None:
    path = route.path.replace("{id}", str(registered.get(route.resource, bob.id)))
    path = path.replace("{name}", Group.objects.create(name="editors").name)
    assert root_app.get(path).status_code == 200
    refused = root_app.get(f"{path}?verbose=1").json()
    assert refused["errors"] == {"verbose": [{"code": "unknown_parameter", "detail": "This query parameter is not known."}]}


def test_B07_search_takes_wildcards_for_letters(root_app: App, bob: User) -> None:
    assert [root_app.get(f"/api/v1/users/?search={text}").json()["results"] for text in ("%25", "_", "b_b")] == [[], [], []]
    assert len(root_app.get("/api/v1/users/?search=bob").json()["results"]) == 1


@pytest.mark.parametrize("text", ['"', "'", '""', '"a', "\\", ",", ",,", "(", "[", " "])
def test_B07_search_survives_any_punctuation(root_app: App, text: str) -> None:
    assert root_app.http.get("/api/v1/users/", {"search": text}, headers=root_app._headers({})).status_code == 200


def test_B11_other_verbs_and_formats_meet_the_same_rule(app: App, bob: User) -> None:
    path = f"/api/v1/users/{bob.id}/"
    assert app.http.head(path, headers=app._headers({})).status_code == 404
    assert app.http.head("/api/v1/groups/", headers=app._headers({})).status_code == 403
    for query in ("?format=json", "?format=api"):
        assert app.get(f"{path}{query}").status_code == 404
        assert app.get(f"/api/v1/groups/{query}").status_code == 403
    assert app.get(f"{path}?format=admin").status_code == 404
    assert app.get(f"/api/v1/users/{bob.id}.json").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_B11_method_that_a_route_does_not_have_is_405(root_app: App, method: str) -> None:
    answer = root_app.http.generic(method, "/api/v1/me/", b"{}", "application/json", headers=root_app._headers({}))
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "PATCH"} <= set(answer["Allow"].split(", "))


def test_B11_method_override_is_not_heard(app: App) -> None:
    answer = app.post("/api/v1/me/access/", **{"X-HTTP-Method-Override": "GET"})
    assert answer.status_code == 405
    assert app.get(f"/api/v1/me/devices/{app.device}/", **{"X-HTTP-Method-Override": "DELETE"}).status_code == 405
    assert app.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".", "a\nb", "x" * 151, 12, None, ["x"], "managers"])
def test_B14_change_of_a_role_checks_what_its_making_checks(root_app: App, manager: App, name: Any) -> None:
    Group.objects.create(name="editors")
    made = root_app.post("/api/v1/groups/", {"name": name})
    changed = root_app.patch("/api/v1/groups/editors/", {"name": name})
    assert made.status_code == changed.status_code == 400
    assert made.json()["errors"] == changed.json()["errors"]


def test_B14_change_of_a_person_checks_what_the_invitation_checks(root_app: App, alice: User) -> None:
    for field, value in LOOSE:
        made = root_app.post("/api/v1/users/", {"email": "new@example.com", field: value})
        changed = root_app.patch(f"/api/v1/users/{alice.id}/", {field: value})
        assert made.status_code == changed.status_code == 400, (field, value)
        assert made.json()["errors"] == changed.json()["errors"]


@pytest.mark.parametrize(("field", "value"), LOOSE, ids=repr)
def test_B15_loose_types_are_refused(root_app: App, alice: User, field: str, value: Any) -> None:
    before = as_it_is(alice)
    refused = root_app.patch(f"/api/v1/users/{alice.id}/", {field: value})
    assert refused.status_code == 400
    assert any(name.partition(".")[0] == field for name in refused.json()["errors"])
    assert as_it_is(alice) == before


@pytest.mark.parametrize("body", [b"[]", b'"a"', b"1", b"null", b"true", b"[{}]"])
def test_B15_body_that_is_no_object_is_refused(root_app: App, body: bytes) -> None:
    for route in WRITES:
        path = route.path.replace("{id}", root_app.device).replace("{name}", "x")
        answer = root_app.http.generic(route.method, path, body, "application/json", headers=root_app._headers({}))
        assert answer.status_code in {400, 404}, by_name(route)
        assert answer.json()["code"] in {"invalid", "not_found"}


@pytest.mark.parametrize("query", ["is_active=true&is_active=false", "is_active=true&is_%61ctive=false"])
def test_B15_parameter_twice_is_refused(root_app: App, query: str) -> None:
    assert root_app.get("/api/v1/users/?is_active=true").status_code == 200
    assert root_app.get(f"/api/v1/users/?{query}").status_code == 400


ODD_PATHS = [
    "/api/v1//users/",
    "//api/v1/users/",
    "/api//v1/users/",
    "/api/v1/./users/",
    "/api/v1/me/../users/",
    "/api/v1/users/;x",
    "/api/v1/users;x/",
    "/api/v1/%2e/users/",
    "/api/v1/%2e%2e/v1/users/",
    "/API/v1/users/",
    "/api/V1/users/",
    "/api/v1/Users/",
    "/api/v1/users./",
    "/api/v1/users/.",
    "/api/v1/users/%00/",
    "/api/v1/users/%20",
    "/api/v1/users",
    "/api/v1/users/%0a/",
    "/api/v1/groups/%00/",
    "/api/v1/groups/a%2fb/",
    "/api/v1/users/01890A5D-AC96-774B-BCCE-B302099A8057/",
    "/api/v1/users/{01890a5d-ac96-774b-bcce-b302099a8057}/",
    "/api/v1/users/01890a5dac96774bbcceb302099a8057/",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_B16_odd_spelling_of_a_path_is_404(root_app: App, path: str) -> None:
    refused = root_app.http.generic("GET", path, headers=root_app._headers({}))
    hint = " The path ends with a slash." if path == "/api/v1/users" else ""
    assert (refused.status_code, refused.json()) == (404, {"code": "not_found", "detail": f"There is nothing here.{hint}"})
    assert Client().generic("GET", path).status_code in {401, 404}
    assert root_app.get("/api/v1/users/").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/us%65rs/", "/api/v1/users%2f", "/%61pi/v1/users/"])
def test_B16_encoded_spelling_meets_the_same_rule(app: App, root_app: App, path: str) -> None:
    assert Client().generic("GET", path).status_code == 401
    narrow = App()
    narrow.sign_in("alice@example.com", scope="profile:read")
    assert narrow.http.generic("GET", path, headers=narrow._headers({})).json()["code"] == "insufficient_scope"
    seen = [len(caller.http.generic("GET", path, headers=caller._headers({})).json()["results"]) for caller in (app, root_app)]
    assert seen == [1, 2]
