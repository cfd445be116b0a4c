"""Amazon Cognito: the JSON of `aws cognito-idp list-users`. Cognito gives no password hashes to anybody."""

from functools import partial
from pathlib import Path
from typing import Any

from .json_entries import json_list
from .origin import Origin
from .person import ImportedUser
from .reading import flag, objects, text
from .source import Source
from .times import created


def opened(path: Path, origin: Origin) -> Source:
    return Source(json_list(path, "Users"), partial(_user, origin))


def _user(origin: Origin, data: dict[str, Any]) -> ImportedUser:
    about = {text(item, "Name"): text(item, "Value") for item in objects(data, "Attributes")}
    email = about.get("email") or None
    identities, left_out = origin.identities(
        (text(item, "providerName"), text(item, "userId")) for item in objects(about, "identities")
    )
    return ImportedUser(
        id=origin.id_for(about.get("sub") or text(data, "Username"), email),
        email=email,
        email_verified=flag(about, "email_verified"),
        name=about.get("name") or f"{about.get('given_name', '')} {about.get('family_name', '')}".strip(),
        disabled="Enabled" in data and not flag(data, "Enabled"),
        identities=identities,
        created_at=created(data.get("UserCreateDate")),
        left_out=left_out,
    )
