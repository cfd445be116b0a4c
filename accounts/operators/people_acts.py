"""What staff do to people with one click: from the list to many, from somebody's page to one."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.core.errors import Problem
from accounts.core.requests import Source, source
from accounts.lifecycle import invitation, suspension
from accounts.users.models import User

from .page import Page, require

MAY_ACT = "accounts.change_user"


@dataclass(frozen=True, slots=True)
class Act:
    """`rule` of `accounts.lifecycle`; it decides who may be touched by whom."""

    label: str
    done: str
    rule: Callable[[uuid.UUID, uuid.UUID, Source], object]
    dangerous: bool = False


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
}


def offered(viewer: User, subject: User) -> list[tuple[str, Act]]:
    """The acts that make sense now; nobody disables themselves."""
    hidden = {"enable"} if subject.is_active else {"disable", "send-password-link"}
    if viewer.pk == subject.pk:
        hidden |= {"disable", "enable"}
    return [(name, act) for name, act in ACTS.items() if name not in hidden]


def perform(page: Page, request: HttpRequest, name: str, people: QuerySet[User]) -> None:
    """Those who may not be touched are named, the others are done. Raises `PermissionDenied`."""
    act, actor, where = ACTS[name], require(request, MAY_ACT), source(request)
    done, refused = [], []
    for subject_id, email in people.values_list("id", "email"):
        try:
            act.rule(subject_id, actor, where)
            done.append(email)
        except Problem as problem:
            refused.append(f"Not done for {email}: {problem.detail}")
    if done:
        page.message_user(request, f"{act.done}: {_shown(done)}.", messages.SUCCESS)
    for reason in refused[:5]:
        page.message_user(request, reason, messages.ERROR)


def _shown(emails: list[str]) -> str:
    """Short: messages travel in a cookie of 2 KB."""
    return ", ".join(emails[:5]) + (f" and {len(emails) - 5} more" if len(emails) > 5 else "")
