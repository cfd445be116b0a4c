"""Services are found in the API by their id, and ids there are UUIDs. What is registered is carried over, within one transaction."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import accounts.core.ids

_carried: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []


def take_up(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    service, scope = apps.get_model("accounts", "Service"), apps.get_model("accounts", "ServiceScope")
    _carried[:] = [
        (row, list(scope.objects.filter(service_id=row.pop("id")).values("name", "description")))
        for row in service.objects.values("id", "audience", "name", "client_id", "created_at")
    ]


def put_down(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    service, scope = apps.get_model("accounts", "Service"), apps.get_model("accounts", "ServiceScope")
    for row, scopes in _carried:
        made = service.objects.create(**row)
        scope.objects.bulk_create(scope(service=made, **described) for described in scopes)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_openid_provider"),
    ]

    operations = [
        migrations.RunPython(take_up, put_down),
        migrations.DeleteModel(name="ServiceScope"),
        migrations.DeleteModel(name="Service"),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.UUIDField(default=accounts.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("audience", models.CharField(help_text="An absolute URI.", max_length=200, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "client",
                    models.OneToOneField(
                        blank=True,
                        help_text="As which it asks about tokens (RFC 7662).",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="service",
                        to="accounts.client",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ServiceScope",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("description", models.CharField(help_text="What people are told that they allow.", max_length=200)),
                (
                    "service",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="scopes", to="accounts.service"),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.RunPython(put_down, take_up),
    ]
