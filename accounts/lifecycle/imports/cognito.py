"""Amazon Cognito: the JSON of `aws cognito-idp list-users`. Cognito gives no password hashes to anybody."""

from pathlib import Path
from typing import Any

from . import issuers, reading
from .person import ImportedUser, id_for
from .reading import flag, objects, text
from .source import Source
from .times import instant


def opened(path: Path) -> Source:
    return Source(reading.json_list(path, "Users"), _user)


def _user(data: dict[str, Any]) -> ImportedUser:
    about = {text(item, "Name"): text(item, "Value") for item in objects(data, "Attributes")}
    email = about.get("email") or None
    upstream = [(text(item, "providerName"), text(item, "userId")) for item in objects(about, "identities")]
    return ImportedUser(
        id=id_for("cognito", about.get("sub") or text(data, "Username"), email),
        email=email,
        email_verified=flag(about, "email_verified"),
        name=about.get("name") or f"{about.get('given_name', '')} {about.get('family_name', '')}".strip(),
        disabled="Enabled" in data and not flag(data, "Enabled"),
        identities=issuers.identities(upstream),
        created_at=instant(data.get("UserCreateDate")),
    )
