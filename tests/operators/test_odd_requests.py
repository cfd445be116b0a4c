"""Odd addresses and fields are refused or ignored: none of them is an error of ours."""

import pytest

from accounts.users.models import User
from tests.support.browser import Browser

BIG, LONG = "9" * 30, "9" * 4301
"""Too large for a column, and with more digits than Python reads."""
QUERIES = [
    *(
        f"accounts/user/?role={BIG}",
        f"accounts/user/?role={LONG}",
        "accounts/user/?q=%00",
        "accounts/user/?q=" + "x" * 2000,
        "accounts/user/?p=-1",
        f"accounts/user/?p={BIG}",
        f"accounts/user/?p={LONG}",
        f"accounts/user/?o={LONG}",
    ),
    *(
        "accounts/user/?_to_field=password",
        "accounts/user/?_popup=1",
        "accounts/user/?e=1",
        "accounts/user/?all=",
        "accounts/user/?o=%00",
    ),
    *(
        "accounts/user/?_facets=True",
        f"accounts/user/?is_staff__exact={BIG}",
        "accounts/user/?is_staff__exact=%00",
        "accounts/user/?state=%00",
    ),
    *("accounts/device/?user__id__exact=x", "accounts/device/?user__id__exact=%00", "accounts/device/?transport__exact=%00"),
    *(
        "accounts/auditevent/?outcome__exact=%00",
        "accounts/auditevent/?event=%00",
        f"accounts/auditevent/?q={BIG}",
        "auth/group/?q=%00",
    ),
    *(f"auth/group/{BIG}/change/", "auth/group/x/change/", "auth/group/%00/change/", f"auth/group/{BIG}/history/"),
    *(f"auth/group/{LONG}/{page}/" for page in ("change", "delete", "history")),
    *("accounts/user/x/change/", "accounts/user/%00/change/", "accounts/user/x/history/", "accounts/device/%00/change/"),
    *(
        "accounts/signingkey/%00/change/",
        "accounts/signingkey/x/pull/",
        "accounts/signingkey/%00/pull/",
        "accounts/auditevent/x/change/",
    ),
    *(
        "autocomplete/",
        "autocomplete/?app_label=accounts&model_name=user&field_name=groups&term=x",
        "r/1/1/",
        f"r/{BIG}/1/",
        f"r/{LONG}/1/",
        "r/x/x/",
    ),
    *("accounts/user/add/?password=x&is_superuser=on&groups=x", "nothing-here/", "accounts/user/add", "accounts/nothing/"),
]


@pytest.mark.parametrize("path", QUERIES)
def test_odd_address_is_no_error_of_ours(roots: Browser, alice: User, path: str) -> None:
    assert roots.get(f"/admin/{path}").status_code < 500


@pytest.mark.parametrize("key", ["", "x", BIG, LONG, "\x00", "%", "01890a5d-ac96-774b-bcce-b302099a8057"])
@pytest.mark.parametrize(
    "path", ["accounts/user/", "accounts/device/", "auth/group/", "accounts/signingkey/", "accounts/auditevent/"]
)
def test_odd_choice_in_a_list_is_no_error_of_ours(roots: Browser, alice: User, path: str, key: str) -> None:
    for action in ("disable", "sign_out", "delete_selected", "", "x"):
        assert roots.post(f"/admin/{path}", {"action": action, "_selected_action": key}).status_code < 500


@pytest.mark.parametrize(
    "fields",
    [
        {"groups": "x"},
        {"groups": BIG},
        {"groups": LONG},
        {"user_permissions": LONG},
        {"user_permissions": "\x00"},
        {"name": "\x00"},
        {"name": "x" * 999},
        {"email": ""},
    ],
)
def test_odd_field_of_a_person_is_no_error_of_ours(roots: Browser, alice: User, fields: dict[str, str]) -> None:
    assert roots.post(f"/admin/accounts/user/{alice.pk}/change/", {"name": "Alice", **fields}).status_code < 500
    assert roots.post("/admin/accounts/user/add/", {"email": "new@example.com", **fields}).status_code < 500
