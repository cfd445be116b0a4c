"""The shape of a person, for the person and for staff."""

from typing import Any

from rest_framework import serializers

from accounts.core.shapes import SingleLineField, StrictNamesField
from accounts.users.models import User


class GroupNamesField(StrictNamesField):
    """The names of somebody's groups: their roles."""

    def get_attribute(self, instance: Any) -> list[str]:
        return sorted(group.name for group in instance.groups.all())


class PersonSerializer(serializers.ModelSerializer[User]):
    """Never the password's hash, nor the epoch."""

    groups = GroupNamesField(read_only=True)

    class Meta:
        model = User
        fields = (
            *("id", "email", "name", "groups", "is_active", "is_staff", "is_superuser"),
            *("language", "email_verified_at", "created_at", "deletion_due_at"),
        )
        read_only_fields = fields


def name_field(**options: Any) -> SingleLineField:
    return SingleLineField(max_length=150, allow_blank=True, **options)
