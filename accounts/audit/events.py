"""The names of audit events: `subject.past_participle`."""

from django.db.models import TextChoices


class Event(TextChoices):
    SIGN_IN_SUCCEEDED = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_THROTTLED = "sign_in.throttled"
    DEVICE_REVOKED = "device.revoked"
    DEVICE_RENAMED = "device.renamed"
    REFRESH_TOKEN_REUSED = "refresh_token.reused"
    REFRESH_TOKEN_LOST = "refresh_token.lost"
    REFRESH_COUNTER_AHEAD = "refresh_counter.ahead"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_LINK_SENT = "password_link.sent"
    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_SIGNED_OUT = "user.signed_out_everywhere"
    ROLES_CHANGED = "roles.changed"
    GROUP_CREATED = "group.created"
    GROUP_UPDATED = "group.updated"
    GROUP_DELETED = "group.deleted"
    KEYS_ROTATED = "signing_keys.rotated"
    KEY_PULLED = "signing_key.pulled"
    LINK_ISSUED = "download_link.issued"
