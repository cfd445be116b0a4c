"""What staff do to people with one click: from the list to many, from somebody's page to one."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.core.errors import Problem
from accounts.core.requests import Source, source
from accounts.lifecycle import deletion, invitation, lost_phone, suspension
from accounts.signin import steps
from accounts.users.models import User

from .page import Page, require

MAY_ACT = "accounts.change_user"
MAY_DELETE = "accounts.delete_user"
MAY_EXPORT = "accounts.export_user"


@dataclass(frozen=True, slots=True)
class Act:
    """`rule` of `accounts.lifecycle`; it decides who may be touched by whom."""

    label: str
    done: str
    rule: Callable[[uuid.UUID, uuid.UUID, Source], object]
    dangerous: bool = False
    permission: str = MAY_ACT


ACTS = {
    "disable": Act(
        "Disable", "Disabled", lambda subject, actor, where: suspension.disable(subject, actor_id=actor, source=where), True
    ),
    "enable": Act("Enable", "Enabled", lambda subject, actor, where: suspension.enable(subject, actor_id=actor, source=where)),
    "sign-out-everywhere": Act(
        "Sign out everywhere",
        "Signed out everywhere",
        lambda subject, actor, where: suspension.sign_out_everywhere(subject, actor_id=actor, source=where),
    ),
    "send-password-link": Act(
        "Send a set-password link",
        "A link is on its way to",
        lambda subject, actor, where: invitation.send_password_link(subject, actor_id=actor, source=where),
    ),
    "remove-second-factors": Act(
        "Remove the second factors (lost phone)",
        "Second factors removed, signed out everywhere",
        lambda subject, actor, where: lost_phone.remove_second_factors(subject, actor_id=actor, source=where),
        dangerous=True,
    ),
    "let-leave": Act(
        "Let them leave (delete)",
        "Closed, and erased after some days unless they come back",
        lambda subject, actor, where: deletion.request_by_staff(subject, actor_id=actor, source=where),
        dangerous=True,
        permission=MAY_DELETE,
    ),
}


def offered(viewer: User, subject: User) -> list[tuple[str, Act]]:
    """The acts that make sense now and are the viewer's; nobody disables themselves."""
    hidden = {"enable"} if subject.is_active else {"disable", "send-password-link"}
    if viewer.pk == subject.pk:
        hidden |= {"disable", "enable", "let-leave"}
    if subject.deletion_due_at is not None:
        hidden |= {"disable", "send-password-link", "let-leave"}
    if not subject.email:
        hidden.add("send-password-link")
    if not viewer.is_superuser or viewer.pk == subject.pk or not steps.second_factors(subject.pk):
        hidden.add("remove-second-factors")
    return [(name, act) for name, act in ACTS.items() if name not in hidden and viewer.has_perm(act.permission)]


def perform(page: Page, request: HttpRequest, name: str, people: QuerySet[User]) -> None:
    """Those who may not be touched are named, the others are done. Raises `PermissionDenied`."""
    act, where = ACTS[name], source(request)
    actor = require(request, act.permission)
    done, refused = [], []
    for person in people:
        try:
            act.rule(person.id, actor, where)
            done.append(str(person))
        except Problem as problem:
            refused.append(f"Not done for {person}: {problem.detail}")
    if done:
        page.message_user(request, f"{act.done}: {_shown(done)}.", messages.SUCCESS)
    for reason in refused[:5]:
        page.message_user(request, reason, messages.ERROR)


def _shown(names: list[str]) -> str:
    """Short: messages travel in a cookie of 2 KB."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
