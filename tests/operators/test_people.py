"""The page of people: found, invited, disabled, enabled, signed out, sent a link."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.news import news_is_due

LIST = "/admin/accounts/user/"


def found(browser: Browser, query: str) -> set[str]:
    answer = browser.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return {user.email for user in answer.context["cl"].result_list}


def act(browser: Browser, user: User, name: str) -> str:
    answer = browser.http.post(f"{LIST}{user.pk}/act/{name}/", {"csrfmiddlewaretoken": browser.csrf}, follow=True)
    return str(answer.content.decode())


def delivered() -> list[str]:
    call_command("worker", "--once")
    return [f"{message.to[0]}: {message.body}" for message in mail.outbox]


def test_search_finds_by_address_name_and_id(roots: Browser, alice: User, bob: User) -> None:
    assert found(roots, "q=ALICE%40example") == {alice.email}
    assert found(roots, "q=bo") == {bob.email}
    assert found(roots, f"q={bob.pk}") == {bob.email}
    assert found(roots, "q=nobody") == set()


def test_filters_narrow_by_role_state_and_last_seen(roots: Browser, alice: User, bob: User, app: App) -> None:
    role = Group.objects.create(name="Editors")
    alice.groups.add(role)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    everybody = {alice.email, bob.email, "root@example.com"}
    assert found(roots, f"role={role.pk}") == {alice.email}
    assert found(roots, "role=superuser") == {"root@example.com"}
    assert found(roots, "role=none") == {bob.email}
    assert found(roots, "state=disabled") == {bob.email}
    assert found(roots, "state=active") == everybody - {bob.email}
    assert found(roots, "seen=1") == {alice.email, "root@example.com"}
    assert found(roots, "seen=never") == {bob.email}
    Device.objects.filter(user=alice).update(last_seen_at=timezone.now() - timedelta(days=100))
    assert found(roots, "seen=away") == {alice.email}


def test_unknown_filter_values_are_ignored(roots: Browser, alice: User) -> None:
    for query in ("role=x", "state=x", "seen=x", "role=999"):
        assert roots.get(f"{LIST}?{query}").status_code == 200, query


def test_A06_no_form_has_a_password_field(roots: Browser, alice: User) -> None:
    for path in ("add/", f"{alice.pk}/change/", f"{alice.pk}/password/"):
        page = roots.http.get(f"{LIST}{path}", follow=True).content.decode()
        assert 'type="password"' not in page, path
        assert 'name="password' not in page, path


def test_A06_forged_password_is_ignored(roots: Browser, alice: User) -> None:
    before = alice.password
    forged = {"name": "Alice", "password": "argon2$x", "password1": "known known known", "password2": "known known known"}
    roots.post(f"{LIST}{alice.pk}/change/", forged)
    roots.post(f"{LIST}add/", {"email": "new@example.com", **forged})
    assert User.objects.get(pk=alice.pk).password == before
    assert not User.objects.get(email="new@example.com").has_usable_password()


def test_invitation_makes_an_account_and_a_mail(roots: Browser) -> None:
    role = Group.objects.create(name="Editors")
    fields = {"email": " New@Example.COM", "name": "New", "groups": [role.pk]}
    assert roots.post(f"{LIST}add/", fields).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.name, user.is_staff, list(user.groups.all())) == ("New", False, [role])
    [message] = delivered()
    assert message.startswith("new@example.com: ")
    assert "/account/reset/?token=" in message


@pytest.mark.parametrize("email", ["", " "])
def test_invitation_without_an_address_is_a_form_error(roots: Browser, email: str) -> None:
    answer = roots.post(f"{LIST}add/", {"email": email, "name": "Nobody"})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert User.objects.count() == 1


def test_invitation_to_a_taken_address_is_a_form_error(roots: Browser, alice: User) -> None:
    answer = roots.post(f"{LIST}add/", {"email": "ALICE@example.com", "name": "Again"})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert User.objects.filter(email=alice.email).count() == 1


def test_L19_invitation_to_an_address_that_looks_like_another_is_a_form_error(roots: Browser) -> None:
    for email in ("\u0430lice@example.com", "a@" + "üäöüäöüäöüäöüäöüäöüäö." * 10 + "com"):
        answer = roots.post(f"{LIST}add/", {"email": email, "name": "New"})
        assert answer.status_code == 200
        assert "email" in answer.context["adminform"].form.errors
    assert User.objects.count() == 1


def test_disable_ends_everything_and_enable_lets_in_again(roots: Browser, alice: User, app: App) -> None:
    assert "Disabled: alice@example.com" in act(roots, alice, "disable")
    news_is_due()
    assert app.get("/api/v1/me/").status_code == 401
    assert App().sign_in(alice.email).status_code == 401
    assert "Enabled: alice@example.com" in act(roots, alice, "enable")
    assert app.get("/api/v1/me/").status_code == 401
    assert App().sign_in(alice.email).status_code == 200


def test_sign_out_everywhere_ends_every_device(roots: Browser, alice: User, app: App) -> None:
    second = App()
    second.sign_in(alice.email)
    assert "Signed out everywhere: alice@example.com" in act(roots, alice, "sign-out-everywhere")
    news_is_due()
    assert {one.get("/api/v1/me/").status_code for one in (app, second)} == {401}
    assert set(Device.objects.filter(user=alice).values_list("ended_because", flat=True)) == {"signed_out_by_staff"}


def test_set_password_link_goes_to_the_person_and_is_never_shown(roots: Browser, alice: User) -> None:
    page = act(roots, alice, "send-password-link")
    assert "A link is on its way to: alice@example.com" in page
    assert "token=" not in page
    [message] = delivered()
    assert message.startswith("alice@example.com: ")


def test_actions_reach_everybody_chosen_and_name_who_was_refused(
    helpers: Browser, superuser: User, alice: User, bob: User
) -> None:
    chosen = [str(user.pk) for user in (alice, bob, superuser)]
    fields = {"action": "disable", "_selected_action": chosen, "csrfmiddlewaretoken": helpers.csrf}
    page = helpers.http.post(LIST, fields, follow=True).content.decode()
    assert set(User.objects.filter(is_active=False)) == {alice, bob}
    assert "Not done for root@example.com: You may not do this." in page


def test_nobody_disables_themselves(roots: Browser, superuser: User) -> None:
    act(roots, superuser, "disable")
    superuser.refresh_from_db()
    assert superuser.is_active


@pytest.mark.parametrize("name", ["delete", "rotate", "__class__", "promote"])
def test_unknown_acts_are_not_found(roots: Browser, alice: User, name: str) -> None:
    assert roots.post(f"{LIST}{alice.pk}/act/{name}/").status_code == 404


def test_acts_want_post_the_permission_and_the_csrf_token(roots: Browser, viewers: Browser, alice: User) -> None:
    path = f"{LIST}{alice.pk}/act/disable/"
    assert roots.get(path).headers["Location"] == f"{LIST}{alice.pk}/change/"
    assert roots.http.post(path).status_code == 403
    assert viewers.post(path).status_code == 403
    alice.refresh_from_db()
    assert alice.is_active


def test_people_are_never_deleted_here(roots: Browser, alice: User) -> None:
    assert roots.get(f"{LIST}{alice.pk}/delete/").status_code == 403
    assert roots.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    fields: dict[str, Any] = {"action": "delete_selected", "_selected_action": [str(alice.pk)], "post": "yes"}
    roots.post(LIST, fields)
    assert User.objects.filter(pk=alice.pk).exists()
