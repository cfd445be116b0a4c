"""An authenticator app as the tests play it: RFC 6238 written down again, so that two computations must agree."""

import base64
import hmac
import struct
import time
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.core import crypto
from accounts.core.requests import NOWHERE
from accounts.mfa import totp
from accounts.mfa.models import Authenticator
from accounts.users.models import User


@dataclass
class Phone:
    """`recovery_codes` are those that came with the enrolment."""

    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps later."""
        step = max(0, int(time.time()) // 30 + steps)
        digest = hmac.digest(base64.b32decode(self.secret), struct.pack(">Q", step), "sha1")
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
        return f"{number % 1_000_000:06}"

    def wrong_code(self) -> str:
        """Six digits that no step nearby has."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in near)


def enrolled(user: User) -> Phone:
    """Somebody's phone after enrolment, as if it were long ago: every step can still be accepted."""
    phone = Phone(totp.begin(user.id, account_name=str(user)).secret)
    phone.recovery_codes = totp.confirm(user.id, phone.code(), source=NOWHERE)
    Authenticator.objects.filter(user_id=user.id).update(last_step=0)
    return phone


def with_secret(user: User, secret: bytes) -> Phone:
    """A phone with this very secret, confirmed."""
    phone = Phone(base64.b32encode(secret).decode())
    sealed = crypto.encrypt(phone.secret.encode(), context=f"totp/{user.id}")
    Authenticator.objects.create(user=user, secret_encrypted=sealed, confirmed_at=timezone.now())
    return phone
